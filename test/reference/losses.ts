import type { LOSS } from '../../src/kernel/losses.ts'
import { logisticValue } from './logistic.ts'
import { gemv, gemvTransposed } from './matmul.ts'
import { sigmoid } from './pointwise.ts'
import type { Numbers, Table } from './table.ts'

export type LossName = keyof typeof LOSS

/** A loss of the logit z and the target t: hinge losses take targets -1 and +1, the others 0 and 1. */
export interface Loss {
  value(z: number, t: number): number
  gradient(z: number, t: number): number
  curvature(z: number, t: number): number
}

const slope = (z: number) => sigmoid(z) * sigmoid(-z)
const margin = (z: number, t: number) => Math.max(0, 1 - t * z)

/** sigmoid(z) - t without cancellation for t = 1. */
function surprise(z: number, t: number): number {
  return t === 1 ? -sigmoid(-z) : sigmoid(z) - t
}

export const losses: Record<LossName, Loss> = {
  logistic: { value: logisticValue, gradient: surprise, curvature: slope },
  squaredError: {
    value: (z, t) => (z - t) ** 2 / 2,
    gradient: (z, t) => z - t,
    curvature: () => 1,
  },
  squaredErrorLogistic: {
    value: (z, t) => surprise(z, t) ** 2 / 2,
    gradient: (z, t) => surprise(z, t) * slope(z),
    curvature: (z, t) => slope(z) * (slope(z) + surprise(z, t) * (1 - 2 * sigmoid(z))),
  },
  hinge: {
    value: margin,
    gradient: (z, t) => (t * z < 1 ? -t : 0),
    curvature: () => 0,
  },
  squaredHinge: {
    value: (z, t) => margin(z, t) ** 2,
    gradient: (z, t) => -2 * t * margin(z, t),
    curvature: (z, t) => (t * z < 1 ? 2 : 0),
  },
}

export const LOSS_NAMES = Object.keys(losses) as LossName[]

/** The two targets of a loss, the negative one first. */
export function targetsOf(name: LossName): [number, number] {
  return name === 'hinge' || name === 'squaredHinge' ? [-1, 1] : [0, 1]
}

/** sum of s l(X w + b, y) */
export function lossSum(name: LossName, X: Table, w: Numbers, b: number, y: Numbers, s: Numbers): number {
  return gemv(X, w, b).reduce((sum, z, i) => sum + s[i]! * losses[name].value(z, y[i]!), 0)
}

/** The loss, its residuals r = s l'(z, y), their sum (the gradient in b) and X^T r (the gradient in w). */
export function linearPass(name: LossName, X: Table, w: Numbers, b: number, y: Numbers, s: Numbers) {
  const residual = gemv(X, w, b).map((z, i) => s[i]! * losses[name].gradient(z, y[i]!))
  return {
    loss: lossSum(name, X, w, b, y, s),
    residualSum: residual.reduce((sum, r) => sum + r, 0),
    gradient: gemvTransposed(X, residual),
    residual,
  }
}
