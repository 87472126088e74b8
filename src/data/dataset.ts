import { disposeSymbol } from '../core/dispose.ts'
import type { Matrix } from '../kernel/index.ts'

/** A table of features without labels, to predict from. */
export interface UnlabelledDataset {
  /** nSamples x nFeatures. */
  readonly X: Matrix
  /** Names of the columns of X. */
  readonly featureNames: string[]
  /** Rows that were left out because a value is missing (`{ missing: 'drop' }`). */
  readonly skippedRows: number
  /** Gives the memory of X back. */
  dispose(): void
  [Symbol.dispose](): void
}

/** A table of features and the label of each row. */
export interface Dataset extends UnlabelledDataset {
  /** nSamples labels: numbers if all of them are, else the words as they stand. */
  readonly y: Float64Array | string[]
  readonly targetName: string
}

/** Adds the two ways to give the memory of X back. */
export function disposable<T extends { readonly X: Matrix }>(
  data: T,
): T & Pick<Dataset, 'dispose' | typeof Symbol.dispose> {
  const dispose = () => data.X.dispose()
  return { ...data, dispose, [disposeSymbol]: dispose }
}
