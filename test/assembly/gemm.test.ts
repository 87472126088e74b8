import { expect, test } from 'vitest'
import type { Kernel } from '../../src/kernel/kernel.ts'
import { gemm, transpose } from '../reference/matmul.ts'
import { magnitudes } from '../reference/table.ts'
import { inArena } from './arena.ts'
import { expectClose, expectExact } from './expect-close.ts'
import { EPS, Samples } from './samples.ts'
import { forEachVariant } from './variants.ts'

interface Call {
  transposeA: boolean
  transposeB: boolean
  accumulate: boolean
}

const CALLS: Call[] = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => ({
  transposeA: (bits & 1) > 0,
  transposeB: (bits & 2) > 0,
  accumulate: (bits & 4) > 0,
}))

/** What lies between the rows of an operand, and what C holds at first. */
const GAP = 1000
const START = 5

/** Rows with `ld` floats from one to the next, and a gap between that no result may see or touch. */
function spaced(rows: number, cols: number, ld: number, values: Float32Array): Float32Array {
  // The last row ends with its last element: whoever reads the gap behind it reads a guard.
  const out = new Float32Array(rows === 0 ? 0 : (rows - 1) * ld + cols).fill(GAP)
  for (let i = 0; i < rows; i++) out.set(values.subarray(i * cols, (i + 1) * cols), i * ld)
  return out
}

interface Sizes {
  m: number
  n: number
  k: number
}

/** One call with leading dimensions `extra` larger than needed, at an odd alignment. Returns C without its gaps. */
function run(kernel: Kernel, { m, n, k }: Sizes, A: Float32Array, B: Float32Array, call: Call, extra: number) {
  const { transposeA, transposeB, accumulate } = call
  const lda = (transposeA ? m : k) + extra
  const ldb = (transposeB ? k : n) + 2 * extra
  const ldc = n + 3 * extra
  const a = transposeA ? spaced(k, m, lda, transpose(m, k, A)) : spaced(m, k, lda, A)
  const b = transposeB ? spaced(n, k, ldb, transpose(k, n, B)) : spaced(k, n, ldb, B)
  const before = spaced(m, n, ldc, new Float32Array(m * n).fill(accumulate ? START : Number.NaN))
  const after = inArena(kernel, (arena) => {
    const c = arena.inout(before, 8)
    const scratch = arena.room(kernel.kernels.gemmScratchBytes())
    const { gemm: multiply } = kernel.kernels
    multiply(
      m,
      n,
      k,
      arena.input(a, 4),
      lda,
      arena.input(b, 12),
      ldb,
      c,
      ldc,
      scratch,
      transposeA,
      transposeB,
      accumulate,
    )
    return arena.f32(c, before.length)
  })
  const C = new Float32Array(m * n)
  for (let i = 0; i < m; i++) C.set(after.subarray(i * ldc, i * ldc + n), i * n)
  expectExact(
    after.filter((_, at) => at % ldc >= n),
    before.filter((_, at) => at % ldc >= n),
  )
  return C
}

function expectExactProduct(kernel: Kernel, sizes: Sizes, calls: Call[], extra: number): void {
  const { m, n, k } = sizes
  const samples = new Samples(m * 7919 + n * 613 + k)
  const [A, B] = [samples.whole(m * k), samples.whole(k * n)]
  const product = gemm(m, n, k, A, B)
  for (const call of calls) {
    const C = run(kernel, sizes, A, B, call, extra)
    expectExact(C, call.accumulate ? product.map((sum) => sum + START) : product)
  }
}

forEachVariant((kernel) => {
  test('every edge of the tiles, every transposition, on whole numbers: exact', () => {
    // Rows: tiles of 6 and of 4 and what they leave; columns: tiles of 8 (2 in the scalar build) and what they leave.
    for (let m = 0; m <= 13; m++) {
      for (let n = 0; n <= 17; n++) {
        const turn = m * 18 + n
        expectExactProduct(kernel, { m, n, k: [0, 1, 2, 3, 7][turn % 5]! }, CALLS, turn % 3)
      }
    }
  })

  // Beyond the blocks of 256 terms and 1024 columns, alone and together; B read in place (24 rows of A, or a small block)
  // and packed, with all that its panels leave.
  test.each<Sizes>([
    { m: 3, n: 5, k: 255 },
    { m: 5, n: 3, k: 256 },
    { m: 7, n: 9, k: 257 },
    { m: 1, n: 1, k: 1000 },
    { m: 95, n: 11, k: 13 },
    { m: 96, n: 16, k: 16 },
    { m: 101, n: 7, k: 5 },
    { m: 195, n: 9, k: 259 },
    { m: 3, n: 511, k: 5 },
    { m: 6, n: 512, k: 4 },
    { m: 4, n: 515, k: 261 },
    { m: 9, n: 1029, k: 3 },
    { m: 99, n: 517, k: 259 },
    { m: 24, n: 517, k: 11 },
    { m: 25, n: 515, k: 11 },
    { m: 29, n: 520, k: 258 },
    { m: 34, n: 1033, k: 6 },
    { m: 1000, n: 1, k: 17 },
    { m: 1, n: 1000, k: 17 },
  ])('$m x $k times $k x $n: exact', (sizes) => {
    expectExactProduct(kernel, sizes, CALLS, 3)
  })

  test('rounds as float32 does, over at most 256 terms and then block by block', () => {
    const [m, n, k] = [37, 41, 700]
    const samples = new Samples(2)
    const [A, B] = [samples.uniform(m * k), samples.uniform(k * n)]
    const sizes = gemm(m, n, k, magnitudes(A), magnitudes(B))
    const C = run(kernel, { m, n, k }, A, B, CALLS[0]!, 0)
    expectClose(C, gemm(m, n, k, A, B), (i) => (256 + 3) * EPS * sizes[i]!)
    expect(C.every(Number.isFinite)).toBe(true)
  })
})
