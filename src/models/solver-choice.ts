import { blockRows } from '../kernel/index.ts'
import { hessianBytes } from './linear-objective.ts'
import { hasL1, type LinearOptions } from './linear-options.ts'
import type { LinearSolver } from './linear-solvers.ts'

/**
 * With so many rows, and so many a parameter, sampledNewton is faster than newton, and faster than lbfgs but where columns
 * suit that one: there it is as fast. See docs/decisions.md.
 */
const SAMPLED_LEAST_ROWS = 2048
const SAMPLED_LEAST_ROWS_EACH = 32
const MIB = 2 ** 20
/** What it keeps grows with the square of this: 8 MiB here. */
const SAMPLED_MOST_PARAMETERS = 1024
/** On fewer rows: up to this width a Newton step costs little more than the few gradients it saves. */
const NEWTON_MOST_FEATURES = 64

/** Whether a fit should go by the Hessian of some of the rows: there are enough, and X is large beside that. */
export function isSampled(rows: number, parameters: number, outputs = 1): boolean {
  const ofOne = parameters / Math.max(1, outputs / 2)
  const each = parameters / outputs
  return (
    parameters <= SAMPLED_MOST_PARAMETERS &&
    rows >= Math.max(SAMPLED_LEAST_ROWS, SAMPLED_LEAST_ROWS_EACH * ofOne) &&
    hessianBytes(each) + 4 * blockRows * each <= 0.2 * rows * each + MIB - 4 * rows
  )
}

/** Of the data; 0 rows where they come in batches. */
export interface Shape {
  readonly rows: number
  readonly cols: number
}

/** What 'auto' means for a smooth loss. */
export function chooseSmoothSolver(
  { solver = 'auto', ...options }: LinearOptions & { solver?: LinearSolver | 'auto' },
  { rows, cols }: Shape,
): LinearSolver {
  if (solver !== 'auto') return solver
  if (hasL1(options)) return 'owlqn'
  if (isSampled(rows, cols + 1)) return 'sampledNewton'
  return cols <= NEWTON_MOST_FEATURES ? 'newton' : 'lbfgs'
}

/** Absolute values have no gradient at 0: only some solvers can have them. @throws RangeError */
export function checkL1Solver({ solver = 'auto', ...options }: LinearOptions & { solver?: string }): void {
  if (hasL1(options) && ['newton', 'sampledNewton', 'lbfgs', 'gd', 'dual', 'interiorPoint'].includes(solver)) {
    throw new RangeError(`solver: ${solver} cannot have an l1 penalty, which is not smooth; take 'owlqn' or 'auto'`)
  }
}
