import { hasL1, type LinearOptions } from './linear-options.ts'
import type { LinearSolver } from './linear-solvers.ts'

/** Up to this width a Newton step costs little more than the few gradients it saves. */
const NEWTON_MOST_FEATURES = 64

/** What 'auto' means for a smooth loss. */
export function chooseSmoothSolver(
  { solver = 'auto', ...options }: LinearOptions & { solver?: LinearSolver | 'auto' },
  nFeatures: number,
): LinearSolver {
  if (solver !== 'auto') return solver
  if (hasL1(options)) return 'owlqn'
  return nFeatures <= NEWTON_MOST_FEATURES ? 'newton' : 'lbfgs'
}

/** Absolute values have no gradient at 0: only some solvers can have them. @throws RangeError */
export function checkL1Solver({ solver = 'auto', ...options }: LinearOptions & { solver?: string }): void {
  if (hasL1(options) && ['newton', 'lbfgs', 'gd', 'dual', 'interiorPoint'].includes(solver)) {
    throw new RangeError(`solver: ${solver} cannot have an l1 penalty, which is not smooth; take 'owlqn' or 'auto'`)
  }
}
