import { InvalidArgumentError } from 'commander'
import { type Dataset, type Part, trainTestSplit } from '../node.ts'

/** Shares of the rows, sum 1. */
export interface Shares {
  readonly train: number
  readonly validation: number
  readonly test: number
}

/** `70/15/15`, `80/20` (no validation) or `100` (train on everything); also as `0.7/0.15/0.15`. */
export function toShares(text: string): Shares {
  const numbers = text.split('/').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  const [train = 0, middle = 0, last = 0] = numbers
  const [validation, test] = numbers.length === 2 ? [0, middle] : [middle, last]
  const sum = train + validation + test
  const fits =
    numbers.length <= 3 && numbers.every((share) => share >= 0) && [1, 100].some((s) => Math.abs(sum - s) < 1e-6)
  if (!fits || train === 0) {
    throw new InvalidArgumentError('Expected shares that sum to 100, like 70/15/15, 80/20 or 100.')
  }
  return { train: train / sum, validation: validation / sum, test: test / sum }
}

/** The parts of a data set that are not empty, in the order train, validation, test. */
export type Parts = { readonly train: Part<Dataset> } & { readonly [name: string]: Part<Dataset> }

/** Splits the data, which are spent. */
export function splitData(
  data: Dataset,
  { split, stratify, seed }: { split: Shares; stratify: boolean; seed: number },
): Parts {
  const { validation, test } = split
  const common = { stratify, seed, inPlace: true }
  if (validation === 0 && test === 0) return { train: data }
  if (test === 0) {
    const { train, test: rest } = trainTestSplit(data, { ...common, test: validation })
    return { train, validation: rest }
  }
  if (validation === 0) {
    const { train, test: rest } = trainTestSplit(data, { ...common, test })
    return { train, test: rest }
  }
  const parts = trainTestSplit(data, { ...common, validation, test })
  return { train: parts.train, validation: parts.validation, test: parts.test }
}
