import type { Steps } from '../core/steps.ts'
import { type HingeRows, InteriorPoint } from './interior-point.ts'
import type { LinearTask, Outcome, Watch } from './linear-solvers.ts'
import { TransformedRows } from './transformed-rows.ts'

/** Steps that get nowhere before it ends: rounding has the last word. */
const MOST_IDLE = 3
/** Steps that may follow where the gap is small enough but for what rounding leaves. */
const MOST_REFINED = 8
/** Then it has converged if the gap is at most this share of the objective. */
const FLOOR_GAP = 1e-6
/** No gap is looked for below this share: float64 cannot tell it, and products of slacks would underflow. */
const LEAST_TOL = 1e-15

export interface HingeInteriorOptions {
  /** Stop when the duality gap is at most this share of the objective. */
  tol: number
  maxIter: number
}

/**
 * The linear support vector machine by a primal-dual interior-point method (Ferris & Munson, "Interior-point methods for
 * massive support vector machines", SIAM J. Optim. 13, 2002; the steps are Mehrotra's predictor and corrector). With
 * v_i = t_i (u_i, 1), w the coefficients and the intercept and c_i = s_i / (S l2), the objective over l2 is
 *
 *   w'Pw / 2 + sum of c_i xi_i,   a_i = v_i'w - 1 + xi_i >= 0,   xi_i >= 0,
 *
 * with multipliers alpha_i of a_i and c_i - alpha_i of xi_i, all of whose products shrink to 0 together. A step costs one
 * weighted Gram matrix of X and four passes, whatever the penalty: some twenty steps where dual coordinate descent, whose
 * passes cost less, takes thousands. Rows without weight have no part in it.
 */
export function* hingeInterior(
  task: LinearTask,
  { tol, maxIter }: HingeInteriorOptions,
  watch: Watch,
  rows: HingeRows = new TransformedRows(task.data.X, task.transform, task.fitIntercept),
): Steps<Outcome> {
  using point = new InteriorPoint(task, rows)
  yield* point.start()
  let idle = 0
  let refined = 0
  for (let iteration = 1; ; iteration++) {
    const length = yield* point.step()
    const loss = yield* point.measure()
    const { gap } = point
    const params = point.params()
    yield
    const stop = yield* watch(iteration, loss, params)
    idle = length < 1e-3 ? idle + 1 : 0
    const isLast = idle === MOST_IDLE || refined > MOST_REFINED
    const most = (isLast ? Math.max(tol, FLOOR_GAP) : Math.max(tol, LEAST_TOL)) * loss
    const isNear = gap <= most
    const converged = isNear && gap + (yield* point.astray(most)) <= most
    if (isNear) refined++
    if (converged || stop || idle === MOST_IDLE || iteration >= maxIter)
      return { w: params, nIter: iteration, converged }
  }
}
