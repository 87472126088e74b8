import { kernel, Workspace } from '../../src/kernel/index.ts'
import * as plain from '../baselines/plain.ts'
import * as tuned from '../baselines/tuned.ts'
import { checkAnswer } from '../check.ts'
import { normalArray } from '../data.ts'
import type { GemmShape } from '../shapes.ts'
import type { Contender, Prepared, Workload } from '../workload.ts'

/** C = A B for square matrices; `size` is a multiple of 4. */
export function gemmWorkload({ size }: GemmShape): Workload {
  return { name: `gemm ${size}`, flops: 2 * size ** 3, prepare: () => prepare(size) }
}

function prepare(size: number): Prepared {
  const [a, b] = [normalArray(size * size, 1), normalArray(size * size, 2)]
  const { kernels, memory } = kernel()
  const work = new Workspace(memory)
  const [aAt, bAt] = [work.floatsOf(a), work.floatsOf(b)]
  const cAt = work.bytes(size * size * 4)
  const scratch = work.bytes(kernels.gemmScratchBytes())
  const plainC = new Float32Array(size * size)
  const tunedC = new Float32Array(size * size)
  const product = new tuned.Gemm(size)

  const contenders: Contender[] = [
    {
      name: 'lanefit',
      run: () => kernels.gemm(size, size, size, aAt, size, bAt, size, cAt, size, scratch, false, false, false),
      answer: () => memory.f32(cAt, size * size),
    },
    { name: 'plain', run: () => plain.gemm(size, a, b, plainC), answer: () => plainC },
    { name: 'tuned', run: () => product.run(a, b, tunedC), answer: () => tunedC },
  ]
  const sample = sampleOf(size)
  const expected = exact(size, a, b, sample)
  return {
    contenders,
    blocks: [aAt, bAt].map((at) => ({ at, bytes: 4 * size * size })),
    check: ({ name, answer }) => {
      const c = answer()
      checkAnswer(
        `gemm ${size}, ${name}`,
        Float64Array.from(sample, (at) => c[at]!),
        expected,
        2e-6,
      )
    },
    dispose: () => work.dispose(),
  }
}

/** Places in C whose value is checked: all of a small one, some 4,000 in every row and column of a large one. */
function sampleOf(size: number): number[] {
  const step = Math.max(1, Math.floor(size ** 2 / 4096)) | 1
  return Array.from({ length: Math.floor((size ** 2 - 1) / step) + 1 }, (_, i) => i * step)
}

/** The same elements in float64. */
function exact(size: number, a: Float32Array, b: Float32Array, places: number[]): Float64Array {
  return Float64Array.from(places, (at) => {
    const [i, j] = [Math.floor(at / size), at % size]
    let sum = 0
    for (let k = 0; k < size; k++) sum += a[i * size + k]! * b[k * size + j]!
    return sum
  })
}
