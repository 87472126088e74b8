import { checkInteger, checkNumber, checkOptionNames } from '../core/checks.ts'
import { Random } from '../core/random.ts'
import { MatrixBuilder, normals } from '../kernel/index.ts'
import { type Dataset, disposable } from './dataset.ts'

/** Options of `gaussians`. */
export interface GaussiansOptions {
  /** Default 1000. */
  rows?: number | undefined
  /** Default 2. */
  cols?: number | undefined
  /** The classes lie around (-centre, -centre, ...) and (+centre, +centre, ...). Default 2. */
  centre?: number | undefined
  /** Share of the rows that are of class 1, to the nearest row. Default 0.5. */
  balance?: number | undefined
  /** Default 0. */
  seed?: number | undefined
}

/** Numbers drawn in one go. */
const BLOCK_NUMBERS = 2 ** 16

/**
 * Two clouds of points, normal with unit variance in every direction, in random order: class 0 around (-2, -2), class 1
 * around (+2, +2). The best any classifier can do at even balance is an error of Φ(-centre·√cols): 0.00234 here.
 * The same for a seed in every engine.
 *
 * @throws TypeError, RangeError for the options; KernelError
 */
export function gaussians(options: GaussiansOptions = {}): Dataset & { readonly y: Float64Array } {
  checkOptionNames('gaussians', options, ['rows', 'cols', 'centre', 'balance', 'seed'])
  const { rows = 1000, cols = 2, centre = 2, balance = 0.5, seed = 0 } = options
  checkInteger('rows', rows, { min: 1 })
  checkInteger('cols', cols, { min: 1 })
  checkNumber('centre', centre)
  checkNumber('balance', balance, { min: 0, max: 1 })
  checkInteger('seed', seed, { min: 0 })
  const random = new Random(seed)
  const y = new Float64Array(rows).fill(1, 0, Math.round(balance * rows))
  random.shuffle(y)

  const blockRows = Math.min(rows, Math.max(1, Math.floor(BLOCK_NUMBERS / cols)))
  const block = new Float64Array(blockRows * cols)
  const builder = new MatrixBuilder(cols, { rows })
  try {
    for (let begin = 0; begin < rows; begin += blockRows) {
      const count = Math.min(blockRows, rows - begin)
      normals(random.uint32(), block)
      for (let i = 0; i < count * cols; i++) {
        const sign = y[begin + Math.floor(i / cols)] === 1 ? 1 : -1
        block[i] = block[i]! + sign * centre
      }
      builder.append(block.subarray(0, count * cols), count)
    }
    const featureNames = Array.from({ length: cols }, (_, k) => `x${k}`)
    const X = builder.finish()
    X.featureNames = featureNames
    return { ...disposable({ X, featureNames, skippedRows: 0 }), y, targetName: 'y' }
  } catch (error) {
    builder.dispose()
    throw error
  }
}
