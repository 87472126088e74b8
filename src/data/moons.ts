import { checkInteger, checkNumber, checkOptionNames } from '../core/checks.ts'
import { cosPi } from '../core/cosine.ts'
import { Random } from '../core/random.ts'
import { MatrixBuilder, normals } from '../kernel/index.ts'
import { type Dataset, disposable } from './dataset.ts'

/** Options of `moons`. */
export interface MoonsOptions {
  /** Default 1000. */
  rows?: number | undefined
  /** Standard deviation of the normal noise on both columns. Default 0.1. */
  noise?: number | undefined
  /** Default 0. */
  seed?: number | undefined
}

/**
 * Two half circles of radius 1 that reach into each other, in random order: class 0 above, around (0, 0); class 1 below,
 * around (1, 0.5). No straight line separates them. As scikit-learn's make_moons
 * (https://scikit-learn.org/stable/modules/generated/sklearn.datasets.make_moons.html), with points drawn along the arcs.
 * The same for a seed in every engine.
 *
 * @throws TypeError, RangeError for the options; KernelError
 */
export function moons(options: MoonsOptions = {}): Dataset & { readonly y: Float64Array } {
  checkOptionNames('moons', options, ['rows', 'noise', 'seed'])
  const { rows = 1000, noise = 0.1, seed = 0 } = options
  checkInteger('rows', rows, { min: 1 })
  checkNumber('noise', noise, { min: 0 })
  checkInteger('seed', seed, { min: 0 })
  const random = new Random(seed)
  const y = new Float64Array(rows).fill(1, 0, Math.floor(rows / 2))
  random.shuffle(y)
  const data = new Float64Array(rows * 2)
  normals(random.uint32(), data, 0, noise)
  for (let i = 0; i < rows; i++) {
    const t = random.uniform()
    const x0 = cosPi(t)
    // sin(pi t), which is positive here, from the cosine of a shifted angle.
    const x1 = cosPi(Math.abs(t - 0.5))
    data[2 * i]! += y[i] === 1 ? 1 - x0 : x0
    data[2 * i + 1]! += y[i] === 1 ? 0.5 - x1 : x1
  }
  const builder = new MatrixBuilder(2, { rows })
  try {
    builder.append(data, rows)
    const featureNames = ['x0', 'x1']
    const X = builder.finish()
    X.featureNames = featureNames
    return { ...disposable({ X, featureNames, skippedRows: 0 }), y, targetName: 'y' }
  } catch (error) {
    builder.dispose()
    throw error
  }
}
