import type { OPTIMIZER } from '../../src/kernel/optimizers.ts'

export type OptimizerName = keyof typeof OPTIMIZER

/** first: momentum, or Adam's beta 1. */
export interface UpdateSettings {
  rate: number
  first: number
  second: number
  epsilon: number
  decay: number
}

/** Parameters with the state of their optimiser, everything 0 at first. */
export class Optimized {
  readonly p: Float64Array
  readonly m: Float64Array
  readonly v: Float64Array
  #steps = 0

  constructor(p: ArrayLike<number>) {
    this.p = Float64Array.from(p)
    this.m = new Float64Array(p.length)
    this.v = new Float64Array(p.length)
  }

  /** One step, as the papers have it; `free` parameters do not decay. */
  step(
    name: OptimizerName,
    g: ArrayLike<number>,
    settings: UpdateSettings,
    free: (k: number) => boolean = () => false,
  ) {
    const { p, m, v } = this
    const { rate, first, second, epsilon, decay } = settings
    this.#steps++
    for (let k = 0; k < p.length; k++) {
      const gk = g[k]!
      if (name === 'sgd') p[k]! -= rate * gk
      else if (name === 'momentum' || name === 'nesterov') {
        m[k] = first * m[k]! + gk
        p[k]! -= rate * (name === 'momentum' ? m[k]! : gk + first * m[k]!)
      } else {
        if (name === 'adamw' && !free(k)) p[k]! -= rate * decay * p[k]!
        m[k] = first * m[k]! + (1 - first) * gk
        v[k] = second * v[k]! + (1 - second) * gk * gk
        const mean = m[k]! / (1 - first ** this.#steps)
        const square = v[k]! / (1 - second ** this.#steps)
        p[k]! -= (rate * mean) / (Math.sqrt(square) + epsilon)
      }
    }
  }
}
