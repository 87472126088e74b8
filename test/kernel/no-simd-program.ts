/** What no-simd.node.test.ts runs in an engine without SIMD; prints what happened as JSON. */
import { init, kernel, kernelInfo, Matrix } from '../../src/kernel/index.ts'

function messageOf(work: () => unknown): string {
  try {
    work()
    return 'no error'
  } catch (error) {
    return String(error)
  }
}

const sync = messageOf(() => kernel())
const simd = await init({ variant: 'simd' }).then(
  () => 'no error',
  (error) => String(error),
)
await init()
const matrix = Matrix.from([
  [1, 2, 3],
  [4, 5, 6],
])
const taken = matrix.takeRows(Uint32Array.of(1))
console.log(JSON.stringify({ sync, simd, info: kernelInfo(), row: [...taken.row(0)] }))
