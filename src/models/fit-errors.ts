import { DataError } from '../core/errors.ts'

/** Steps were too large: the loss climbed out of reach. `unit`: what `at` counts. */
export function diverged(unit: 'iteration' | 'epoch' | 'call', at: number, learningRate: number): DataError {
  return new DataError('DIVERGED', `training diverged in ${unit} ${at} with learning rate ${learningRate}`, {
    hint: `Try a learning rate of ${learningRate / 10}${unit === 'iteration' ? ", or solver 'lbfgs'" : ', or standardize'}`,
  })
}

export function overflow(): DataError {
  return new DataError('FLOAT32_OVERFLOW', 'the loss overflows float32: values of X or weights are too large', {
    hint: 'Scale the columns, or standardize',
  })
}

/** Whether a loss and parameters or a gradient are all finite. */
export function areFinite(loss: number, ...parts: readonly ArrayLike<number>[]): boolean {
  return Number.isFinite(loss) && parts.every((part) => Array.prototype.every.call(part, Number.isFinite))
}

/** Refuses a gradient that float32 could not hold. @throws DataError FLOAT32_OVERFLOW */
export function checkGradientFits(loss: number, ...parts: readonly ArrayLike<number>[]): void {
  if (areFinite(loss, ...parts)) return
  throw new DataError('FLOAT32_OVERFLOW', 'the loss or its gradient overflows float32 at these parameters', {
    hint: 'Scale the columns of X, or take smaller parameters',
  })
}

export function separable(): DataError {
  return new DataError(
    'SEPARABLE',
    'the classes can be separated exactly, so without a penalty no best coefficients exist',
    { hint: 'Give a penalty: l2 above 0, or C' },
  )
}
