/** What adapters have in common: the data, the loss they are judged by, and how they end without a time. */
import { existsSync, readFileSync } from 'node:fs'

/** Stopped before it had done its work. */
export class Capped extends Error {
  constructor(ms, message) {
    super(message)
    this.ms = ms
  }
}

/** Not there, or cannot do this here. */
export class Missing extends Error {}

/** The arrays of a workload, each read when it is first asked for. */
export function dataOf(spec, folder) {
  const read = (name) => {
    const { buffer, byteOffset, byteLength } = readFileSync(`${folder}/${name}`)
    return buffer.slice(byteOffset, byteOffset + byteLength)
  }
  const cache = {}
  const lazy = (name, make) => {
    cache[name] ??= make()
    return cache[name]
  }
  return {
    folder,
    /** bench/rivals/baselines.ts, bundled. */
    baselines: new URL(`file://${folder}/../baselines.mjs`),
    /** rows x cols, float32 */
    get X() {
      return lazy('X', () => new Float32Array(read('X.f32')))
    },
    get y() {
      return lazy('y', () => new Float32Array(read('y.f32')))
    },
    get A() {
      return lazy('A', () => new Float32Array(read('A.f32')))
    },
    get B() {
      return lazy('B', () => new Float32Array(read('B.f32')))
    },
    /** Of a model that only predicts: [coefficients, intercept]. */
    get w() {
      return lazy('w', () => new Float64Array(read('w.f64')))
    },
    /** The same as lanefit saves it. */
    get model() {
      return lazy('model', () =>
        existsSync(`${folder}/model.json`) ? readFileSync(`${folder}/model.json`, 'utf8') : '',
      )
    },
    /** The rows of X as plain arrays: `count` of them. */
    rows(count = spec.rows) {
      const { X } = this
      return Array.from({ length: count }, (_, i) => Array.from(X.subarray(i * spec.cols, (i + 1) * spec.cols)))
    },
  }
}

/** How far above the least value of the objective w is, relative to it; w: a class after the other, [weights, intercept]. */
export function gapOf({ rows, cols, classes = 1, l2, least }, { X, y }, w) {
  let loss = 0
  const z = new Float64Array(classes)
  for (let i = 0; i < rows; i++) {
    for (let c = 0; c < classes; c++) {
      const at = c * (cols + 1)
      z[c] = w[at + cols]
      for (let k = 0; k < cols; k++) z[c] += X[i * cols + k] * w[at + k]
    }
    if (classes === 1) loss += Math.max(z[0], 0) - y[i] * z[0] + Math.log1p(Math.exp(-Math.abs(z[0])))
    else {
      const top = Math.max(...z)
      loss += Math.log(z.reduce((sum, value) => sum + Math.exp(value - top), 0)) + top - z[y[i]]
    }
  }
  let square = 0
  for (let k = 0; k < w.length; k++) if (k % (cols + 1) < cols) square += w[k] ** 2
  return (loss / rows + (l2 / 2) * square) / least - 1
}

/**
 * The setting that costs least of those that end within spec.gap of the optimum; `settings` from cheap to dear, `solve`
 * gives w. Stops at spec.capMs.
 */
export async function cheapest(spec, data, settings, solve) {
  let gap = Number.POSITIVE_INFINITY
  const begin = performance.now()
  for (const setting of settings) {
    const w = await solve(setting)
    gap = gapOf(spec, data, w)
    if (gap <= spec.gap) return setting
    if (performance.now() - begin > spec.capMs / 2) break
  }
  throw new Capped(performance.now() - begin, `${gap.toExponential(0)} above the optimum by then`)
}

/** 100, 200, 400 ... iterations, for those whose only way is more of them. */
export function* doubling(from = 100) {
  for (let n = from; n < 1e6; n *= 2) yield n
}
