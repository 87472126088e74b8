import { expect, test } from 'vitest'
import { runAsync } from '../../src/core/steps.ts'
import { kernel, kernelInfo, Matrix, MatrixBuilder, type Pointer } from '../../src/kernel/index.ts'
import { Slabs } from '../../src/kernel/slabs.ts'

const MIB = 2 ** 20
/** 20 MB: 5,000 rows of 1,000 columns. */
const ROWS = 5000
const COLS = 1000

/** Takes all memory there is in blocks of 20 MB, without writing to it. */
function fillUp(): Pointer[] {
  const { memory } = kernel()
  const blocks: Pointer[] = []
  expect(() => {
    for (;;) blocks.push(memory.alloc(ROWS * COLS * 4))
  }).toThrow()
  return blocks
}

test('who waits while the kernel is replaced gets room in the next one', async () => {
  const { memory } = kernel()
  const builder = new MatrixBuilder(COLS, { rows: ROWS })
  const blocks = fillUp()
  const waiting = builder.reserve(ROWS)
  // Empty and large: it is dropped.
  for (const block of blocks) memory.free(block)
  await waiting
  expect(kernel().memory).not.toBe(memory)
  expect(memory.liveBytes).toBe(0)
  expect(kernelInfo().liveBytes).toBe(ROWS * COLS * 4)
  builder.append(new Float32Array(COLS).fill(3), 1)
  using matrix = builder.finish()
  expect(matrix.row(0)[0]).toBe(3)
})

/** A matrix of which only the last row is ever written: the system does not have to find the memory for the others. */
async function mostlyUnwritten(last: number): Promise<Matrix> {
  const slabs = new Slabs(COLS, 13)
  await runAsync(slabs.addPatiently(ROWS))
  const matrix = new Matrix(slabs, ROWS, COLS, new Float64Array(COLS))
  const [run] = slabs.runs(ROWS - 1, ROWS, 1)
  slabs.memory.f32(run!.x, COLS).fill(last)
  return matrix
}

/**
 * The garbage collector does not feel kernel memory: 300 forgotten matrices of 20 MB are 6 GB, and there is room for 4.
 * Every other one is a builder that was forgotten before its end.
 */
test('300 forgotten matrices of 20 MB do not fill the memory, if they wait for room', async () => {
  let most = 0
  for (let i = 0; i < 300; i++) {
    if (i % 2 === 0) await new MatrixBuilder(COLS, { rows: ROWS }).reserve(ROWS)
    else {
      const matrix = await mostlyUnwritten(i)
      expect(matrix.row(ROWS - 1)[COLS - 1]).toBe(i)
    }
    most = Math.max(most, kernelInfo().liveBytes)
  }
  expect(most).toBeLessThan(4096 * MIB)
})

test('who does not wait is told what to do', () => {
  const { memory } = kernel()
  const values = { data: new Float32Array(25 * MIB), rows: 25 * 1024, cols: 1024 }
  const blocks = fillUp()
  const message = /^no room for 100\.0 MiB: \d+\.\d MiB are in use\. Release matrices with `using` or dispose/
  const outOfMemory = expect.objectContaining({ code: 'OUT_OF_MEMORY', message: expect.stringMatching(message) })
  expect(() => Matrix.from(values)).toThrow(outOfMemory)
  for (const block of blocks) memory.free(block)
  using next = Matrix.from(values)
  expect(next.rows).toBe(25 * 1024)
})
