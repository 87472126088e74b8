import type { Steps } from '../core/steps.ts'
import type { Objective } from '../optim/index.ts'
import type { BatchRows, BatchRun, Side } from './batch-rows.ts'
import type { ColumnTransform } from './columns.ts'

/**
 * The objective of data that come in batches: the weighted mean of the batches' own (without a penalty), and the penalty
 *
 *   F(w) = 1/S sum over batches of S_b F_b(w) + sum over k of strength_k w_k^2 / 2.
 *
 * Every evaluation is a pass over the source; of X no more than one batch is in kernel memory.
 */
export class BatchObjective implements Objective {
  readonly size: number
  readonly #rows: BatchRows
  readonly #side: Side
  readonly #transform: ColumnTransform
  readonly #strengths: Float64Array
  readonly #part: (run: BatchRun) => Objective

  /** `part` makes the objective of one batch, without penalty. */
  constructor(
    rows: BatchRows,
    side: Side,
    transform: ColumnTransform,
    strengths: Float64Array,
    part: (run: BatchRun) => Objective,
  ) {
    this.size = strengths.length
    this.#rows = rows
    this.#side = side
    this.#transform = transform
    this.#strengths = strengths
    this.#part = part
  }

  *evaluate(w: Float64Array, grad: Float64Array): Steps<number> {
    const part = new Float64Array(this.size)
    let loss = 0
    const total = yield* this.#sum(grad, part, function* (objective, weight) {
      const value = objective.evaluate(w, part)
      loss += weight * (typeof value === 'number' ? value : yield* value)
    })
    loss /= total
    for (const [k, strength] of this.#strengths.entries()) {
      grad[k]! += strength * w[k]!
      loss += (strength * w[k]! * w[k]!) / 2
    }
    return loss
  }

  *hessian(w: Float64Array, hessian: Float64Array): Steps<void> {
    const part = new Float64Array(hessian.length)
    yield* this.#sum(hessian, part, function* (objective) {
      yield* objective.hessian?.(w, part) ?? []
    })
    for (const [k, strength] of this.#strengths.entries()) hessian[k * (this.size + 1)]! += strength
  }

  /** The weighted mean of what `evaluate` writes into `part` for every batch; returns the sum of the weights. */
  *#sum(
    into: Float64Array,
    part: Float64Array,
    evaluate: (objective: Objective, weight: number) => Steps<void>,
  ): Steps<number> {
    into.fill(0)
    let total = 0
    const make = this.#part
    yield* this.#rows.each(this.#side, this.#transform, function* (run) {
      const { weightSum } = run.data
      yield* evaluate(make(run), weightSum)
      total += weightSum
      for (let i = 0; i < into.length; i++) into[i]! += weightSum * part[i]!
    })
    for (let i = 0; i < into.length; i++) into[i]! /= total
    return total
  }
}
