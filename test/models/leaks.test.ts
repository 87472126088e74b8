import { expect, test } from 'vitest'
import { kernelInfo, Matrix } from '../../src/kernel/index.ts'
import { LogisticRegression, type LogisticSolver } from '../../src/models/index.ts'
import { sample } from './sample.ts'

const { X, y } = sample(64, 3)
const solvers: LogisticSolver[] = ['newton', 'lbfgs', 'gd', 'sgd']

/** One of many ways to fit: some fail, some are aborted, some predict afterwards. */
async function fitOne(i: number, matrix: Matrix): Promise<void> {
  const model = new LogisticRegression({ solver: solvers[i % 4]!, maxIter: 3, epochs: 1 })
  const form = i % 3 === 0 ? matrix : X
  const controller = new AbortController()
  switch (i % 7) {
    case 0:
      await expect(model.fit(form, y.slice(1))).rejects.toThrow(RangeError)
      break
    case 1:
      await expect(model.fit([...X.slice(1), [1, Number.NaN, 2]], y)).rejects.toThrow(/row 63/)
      break
    case 2: {
      const onProgress = () => controller.abort(new Error('enough'))
      const { signal } = controller
      await expect(model.fit(form, y, { signal, onProgress, validation: { X, y } })).rejects.toThrow('enough')
      break
    }
    case 3:
      model.partialFit(form, y)
      break
    case 4:
      model.fitSync(form, y, { validation: { X: matrix, y } })
      break
    default:
      await model.fit(form, y)
      model.predict(form)
      model.predictProba(X)
  }
}

test('live bytes return to where they were after 1,000 fits, and the memory does not grow', async () => {
  using matrix = Matrix.from(X)
  for (let i = 0; i < 100; i++) await fitOne(i, matrix)
  const before = kernelInfo()
  for (let i = 0; i < 1000; i++) await fitOne(i, matrix)
  expect(kernelInfo()).toEqual(before)
  matrix.dispose()
  expect(kernelInfo().liveBytes).toBe(before.liveBytes - 64 * 4 * 4)
})
