import { describe, expect, test } from 'vitest'
import { KernelError } from '../../src/core/errors.ts'
import { Matrix } from '../../src/kernel/index.ts'
import { bytesOf, type Description, dense, liveBytes, wait } from './estimator.ts'

/** Kernel memory: what a fit takes it gives back, however it ends; and a Matrix lives as long as a fit needs it. */
export function testMemory({ make, makeData, fullBatch, sampled }: Description): void {
  const { X, y } = makeData(300)
  const validation = makeData(100, 2)
  const everyKind = [...fullBatch, ...(sampled ? [sampled] : [])]

  describe.each(everyKind)('with %o', (options) => {
    test('live bytes return to where they were after a fit, of any form of X', async () => {
      const before = liveBytes()
      for (const form of [X, dense(X, Float64Array)]) {
        make(options).fitSync(form, y, { validation, sampleWeight: X.map(() => 2) })
        await make(options).fit(form, y, { validation })
        expect(liveBytes()).toBe(before)
      }
      using matrix = Matrix.from(X)
      const withMatrix = liveBytes()
      await make(options).fit(matrix, y, { validation })
      expect(liveBytes()).toBe(withMatrix)
    })

    test('a callback that throws rejects the fit, leaves no byte and the model as it was', async () => {
      const model = make(options)
      model.fitSync(validation.X, validation.y)
      const bytes = bytesOf(model)
      const before = liveBytes()
      const onProgress = () => {
        throw new RangeError('enough')
      }
      await expect(model.fit(X, y, { onProgress, validation })).rejects.toThrow(new RangeError('enough'))
      expect(() => model.fitSync(X, y, { onProgress })).toThrow(new RangeError('enough'))
      expect(liveBytes()).toBe(before)
      expect(bytesOf(model)).toEqual(bytes)
    })

    test('an aborted fit rejects with the reason, leaves no byte and the model as it was', async () => {
      const model = make(options)
      model.fitSync(validation.X, validation.y)
      const bytes = bytesOf(model)
      const before = liveBytes()
      const reason = { why: 'a reason of any kind' }
      await expect(model.fit(X, y, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
      expect(() => model.fitSync(X, y, { signal: AbortSignal.abort(reason) })).toThrow()
      const whole = make(options)
      whole.fitSync(X, y)
      for (const stopAt of [1, 2].slice(0, whole.nIter)) {
        const controller = new AbortController()
        let calls = 0
        const onProgress = () => {
          if (++calls === stopAt) controller.abort(reason)
        }
        await expect(model.fit(X, y, { signal: controller.signal, onProgress, validation })).rejects.toBe(reason)
        // Nothing goes on behind the caller's back.
        expect(calls).toBe(stopAt)
        expect(liveBytes()).toBe(before)
        expect(bytesOf(model)).toEqual(bytes)
      }
    })

    test('a Matrix disposed during a fit lives until its end', async () => {
      const before = liveBytes()
      const [matrix, measured] = [Matrix.from(X), Matrix.from(validation.X)]
      const model = make(options)
      const onProgress = ({ iteration }: { iteration: number }) => {
        if (iteration > 1) return
        matrix.dispose()
        measured.dispose()
        wait(9)
      }
      await model.fit(matrix, y, { onProgress, validation: { X: measured, y: validation.y } })
      expect(liveBytes()).toBe(before)
      expect(matrix.disposed).toBe(true)
      const alone = make(options)
      alone.fitSync(X, y, { validation })
      expect(bytesOf(model)).toEqual(bytesOf(alone))
      expect(model.history).toEqual(alone.history)
    })
  })

  test('a Matrix may be disposed as soon as fit has returned its promise', async () => {
    const before = liveBytes()
    const model = make()
    const slow = [...y]
    Object.defineProperty(slow, 0, {
      get: () => {
        wait(9)
        return y[0]
      },
    })
    const train = (labels: string[]): Promise<unknown> => {
      using matrix = Matrix.from(X)
      using measured = Matrix.from(validation.X)
      return model.fit(matrix, labels, { validation: { X: measured, y: validation.y } })
    }
    await train(y)
    expect(liveBytes()).toBe(before)
    // Even if reading the labels takes a while.
    await train(slow)
    expect(liveBytes()).toBe(before)
  })

  test('a disposed Matrix is refused', async () => {
    const matrix = Matrix.from(X)
    matrix.dispose()
    const model = make()
    model.fitSync(X, y)
    expect(() => model.predict(matrix)).toThrow(KernelError)
    await expect(model.fit(matrix, y)).rejects.toThrow(/disposed/)
  })

  test('fits that fail on their data leave no byte', async () => {
    const before = liveBytes()
    const bad = X.map((x, i) => (i === 250 ? x.map(() => Number.NaN) : x))
    const onData = [
      { rows: bad, labels: y, options: {} },
      { rows: X, labels: y.slice(1), options: {} },
      { rows: X, labels: y.map(() => 'one'), options: {} },
      { rows: X, labels: y, options: { validation: { X: bad.slice(200), y: y.slice(200) } } },
      { rows: bad, labels: y, options: { validation } },
      { rows: X.slice(0, -1).concat([[1, 2]]), labels: y, options: {} },
    ]
    for (const { rows, labels, options } of onData) {
      await expect(make().fit(rows, labels, options)).rejects.toThrow()
      expect(() => make().fitSync(rows, labels, options)).toThrow()
      expect(liveBytes()).toBe(before)
    }
  })
}
