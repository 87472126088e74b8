import { Random } from '../../src/core/random.ts'
import type { Steps } from '../../src/core/steps.ts'
import type { Objective } from '../../src/optim/index.ts'

/** Objectives in closed form, float64, for every solver test. */

export interface Smooth extends Objective {
  evaluate(w: Float64Array, grad: Float64Array): number
  hessian(w: Float64Array, out: Float64Array): void
}

/** offset + 1/2 sum_i curvature_i (w_i - center_i)^2. */
export function diagonalQuadratic(curvature: number[], center: number[], offset = 0): Smooth {
  const size = curvature.length
  return {
    size,
    evaluate(w, grad) {
      let loss = offset
      for (let i = 0; i < size; i++) {
        const d = w[i]! - center[i]!
        grad[i] = curvature[i]! * d
        loss += (curvature[i]! * d * d) / 2
      }
      return loss
    },
    hessian(_w, out) {
      out.fill(0)
      for (let i = 0; i < size; i++) out[i * size + i] = curvature[i]!
    },
  }
}

/** The diagonal one seen through a rotation by Householder's reflection along v: the same minimum, no axis special. */
export function rotatedQuadratic(curvature: number[], center: number[], v: number[], offset = 0): Smooth {
  const size = curvature.length
  const vv = v.reduce((sum, x) => sum + x * x, 0)
  const A = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      for (let k = 0; k < size; k++) {
        const qik = (i === k ? 1 : 0) - (2 * v[i]! * v[k]!) / vv
        const qjk = (j === k ? 1 : 0) - (2 * v[j]! * v[k]!) / vv
        A[i * size + j] = A[i * size + j]! + qik * curvature[k]! * qjk
      }
    }
  }
  return {
    size,
    evaluate(w, grad) {
      let loss = offset
      for (let i = 0; i < size; i++) {
        let g = 0
        for (let j = 0; j < size; j++) g += A[i * size + j]! * (w[j]! - center[j]!)
        grad[i] = g
        loss += (g * (w[i]! - center[i]!)) / 2
      }
      return loss
    },
    hessian: (_w, out) => out.set(A),
  }
}

/** Rosenbrock's valley, minimum 0 at (1, 1). */
export const rosenbrock: Smooth = {
  size: 2,
  evaluate(w, grad) {
    const [x, y] = [w[0]!, w[1]!]
    const d = y - x * x
    grad[0] = -400 * x * d - 2 * (1 - x)
    grad[1] = 200 * d
    return 100 * d * d + (1 - x) * (1 - x)
  },
  hessian(w, out) {
    const [x, y] = [w[0]!, w[1]!]
    out.set([1200 * x * x - 400 * y + 2, -400 * x, -400 * x, 200])
  },
}

/** x^4/4 - x^2/2 + y^2: minima of -1/4 at (+-1, 0), an indefinite Hessian for |x| < 0.577. */
export const doubleWell: Smooth = {
  size: 2,
  evaluate(w, grad) {
    const [x, y] = [w[0]!, w[1]!]
    grad[0] = x * x * x - x
    grad[1] = 2 * y
    return x ** 4 / 4 - (x * x) / 2 + y * y
  },
  hessian: (w, out) => out.set([3 * w[0]! * w[0]! - 1, 0, 0, 2]),
}

/** sum_i (w_i - log w_i): minimum n at 1, not defined (NaN) where some w_i <= 0. */
export function barrier(size: number): Smooth {
  return {
    size,
    evaluate(w, grad) {
      let loss = 0
      for (let i = 0; i < size; i++) {
        grad[i] = 1 - 1 / w[i]!
        loss += w[i]! - Math.log(w[i]!)
      }
      return loss
    },
    hessian(w, out) {
      out.fill(0)
      for (let i = 0; i < size; i++) out[i * size + i] = 1 / (w[i]! * w[i]!)
    },
  }
}

/** Logistic regression, mean loss + l2/2 |w|^2 without the intercept (the last parameter), on seeded noisy data. */
export function logistic(n: number, features: number, l2: number, seed = 1): Smooth {
  const random = new Random(seed)
  const size = features + 1
  const normal = () => Array.from({ length: 12 }, () => random.uniform()).reduce((a, b) => a + b) - 6
  const truth = Array.from({ length: size }, normal)
  const X = Float64Array.from({ length: n * size }, (_, k) => (k % size === features ? 1 : normal()))
  const y = Float64Array.from({ length: n }, (_, i) => {
    let z = normal()
    for (let j = 0; j < size; j++) z += X[i * size + j]! * truth[j]!
    return z > 0 ? 1 : 0
  })
  const logit = (w: Float64Array, i: number) => {
    let z = 0
    for (let j = 0; j < size; j++) z += X[i * size + j]! * w[j]!
    return z
  }
  return {
    size,
    evaluate(w, grad) {
      let loss = 0
      for (let j = 0; j < size; j++) {
        grad[j] = j < features ? l2 * w[j]! : 0
        if (j < features) loss += (l2 / 2) * w[j]! * w[j]!
      }
      for (let i = 0; i < n; i++) {
        const z = logit(w, i)
        loss += (Math.max(z, 0) - y[i]! * z + Math.log1p(Math.exp(-Math.abs(z)))) / n
        const r = (1 / (1 + Math.exp(-z)) - y[i]!) / n
        for (let j = 0; j < size; j++) grad[j] = grad[j]! + r * X[i * size + j]!
      }
      return loss
    },
    hessian(w, out) {
      out.fill(0)
      for (let j = 0; j < features; j++) out[j * size + j] = l2
      for (let i = 0; i < n; i++) {
        const p = 1 / (1 + Math.exp(-logit(w, i)))
        const s = (p * (1 - p)) / n
        for (let j = 0; j < size; j++) {
          for (let k = 0; k < size; k++) {
            out[j * size + k] = out[j * size + k]! + s * X[i * size + j]! * X[i * size + k]!
          }
        }
      }
    },
  }
}

/** The same with relative noise on the value only, uniform in +-amount, a function of the bits of w: what float32 does. */
export function noisy(objective: Smooth, amount = 1e-7): Smooth {
  return {
    size: objective.size,
    hessian: objective.hessian,
    evaluate(w, grad) {
      const bits = new Uint32Array(w.slice().buffer)
      const seed = bits.reduce((hash, word) => Math.imul(hash ^ word, 0x9e3779b1), 0x2545f491)
      return objective.evaluate(w, grad) * (1 + amount * (2 * new Random(seed >>> 0).uniform() - 1))
    },
  }
}

/** The same with noise on the gradient, too: amount * a fixed hash of w and the index, in +-1. */
export function noisyGradient(objective: Smooth, amount: number): Smooth {
  const value = noisy(objective)
  return {
    ...value,
    evaluate(w, grad) {
      const loss = value.evaluate(w, grad)
      const random = new Random(
        new Uint32Array(w.slice().buffer).reduce((hash, word) => Math.imul(hash ^ word, 31), 7) >>> 0,
      )
      for (let i = 0; i < grad.length; i++) grad[i] = grad[i]! + amount * (2 * random.uniform() - 1)
      return loss
    },
  }
}

/** The same in steps: every evaluation and Hessian pauses, and tells `log` when it ends, however it ends. */
export function stepwise(objective: Smooth, log: string[] = []): Objective {
  return {
    size: objective.size,
    *evaluate(w, grad): Steps<number> {
      try {
        yield
        const loss = objective.evaluate(w, grad)
        yield Promise.resolve()
        return loss
      } finally {
        log.push('evaluate ended')
      }
    },
    *hessian(w, out): Steps<void> {
      yield
      objective.hessian(w, out)
    },
  }
}
