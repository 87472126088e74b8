import { DataError } from '../core/errors.ts'

/** Steps were too large: the loss climbed out of reach. `unit`: what `at` counts. */
export function diverged(
  unit: 'iteration' | 'epoch' | 'call',
  at: number,
  learningRate: number,
  { standardize = true }: { standardize?: boolean } = {},
): DataError {
  const others = `${unit === 'iteration' ? ", or solver 'lbfgs'" : ''}${standardize ? '' : ', or standardize'}`
  return new DataError('DIVERGED', `training diverged in ${unit} ${at} with learning rate ${learningRate}`, {
    hint: `Try a learning rate of ${lowerRate(learningRate, 0.1)}${others}`,
  })
}

/** A tenth, but no more than what is usual: from 1e30 it would be a long way down. */
export function lowerRate(learningRate: number, usual: number): number {
  return Number(Math.min(learningRate / 10, usual).toPrecision(2))
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
