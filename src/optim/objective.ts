import type { Steps } from '../core/steps.ts'

/**
 * A function to minimise. Whoever can give value and gradient is one: this thread, a pool of workers, a cluster.
 * The value may carry float32 noise of about 1e-7 relative (see LOSS_NOISE in run.ts); the gradient should not.
 */
export interface Objective {
  /** Number of parameters. */
  readonly size: number
  /** Writes the gradient at w (size) into grad (size), returns the value. Long work returns Steps, so that it can pause. */
  evaluate(w: Float64Array, grad: Float64Array): number | Steps<number>
  /** Writes the Hessian at w (size x size, row-major, symmetric, both triangles) into out. Needed by newton only. */
  hessian?(w: Float64Array, out: Float64Array): void | Steps<void>
  /**
   * Moves w along directions in which the function without its own penalty is flat, to where that and sum_k l1_k |w_k| are
   * least. Of use to owlqn.
   */
  lighten?(w: Float64Array, l1: ArrayLike<number>): void
}

/** What a callback sees after an iteration. */
export interface IterationInfo {
  /** Iterations done, counted from 1. */
  readonly iteration: number
  /** The objective's value at w. */
  readonly loss: number
  /** max|g| at w. */
  readonly gradNorm: number
  /** The parameters, live: read or copy them at once, do not keep them. */
  readonly w: Float64Array
  /** Evaluations of the objective so far. */
  readonly evaluations: number
}

/** A callback may answer at once or, when it computes something long itself, in Steps; `true` stops the solver. */
// biome-ignore lint/suspicious/noConfusingVoidType: a callback without a return is the usual one
export type StopAnswer = void | boolean | Steps<void | boolean>

export interface SolverOptions {
  /** When to stop; each solver says what it compares. */
  tol?: number | undefined
  maxIter?: number | undefined
  /** Called after every iteration; returning true stops with reason 'stopped' (budgets, early stopping). */
  onIteration?: ((info: IterationInfo) => StopAnswer) | undefined
}

/**
 * Why a solver ended. The first three are convergence:
 * - gradient: max|g| <= tol
 * - decrement: half the squared Newton decrement <= tol * |F|
 * - noise-floor: the loss cannot be told from its noise any more and the estimated gap is at most 1e-6 * |F|
 * - max-iter, stopped (by the callback), line-search (no acceptable step and the gap is not known to be small)
 * - diverged: the loss is not finite, or gradient descent with a fixed step climbs
 */
export type StopReason = 'gradient' | 'decrement' | 'noise-floor' | 'max-iter' | 'stopped' | 'line-search' | 'diverged'

export interface SolverResult {
  /** The parameters (size), the caller's to keep. */
  w: Float64Array
  loss: number
  /** max|g| at w. */
  gradNorm: number
  nIter: number
  evaluations: number
  converged: boolean
  reason: StopReason
  /** Estimate of F(w) - min F: half of g' H^-1 g, with the (quasi-)Newton matrix at hand. Absent where there is none. */
  gap?: number
}
