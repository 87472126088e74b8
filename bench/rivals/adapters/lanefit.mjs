/** lanefit, by its built package. Variants: simd, relaxed, threads (all of them), and other ways to ask for the same. */
import { readFileSync } from 'node:fs'
import * as lanefit from '../../../dist/node.js'
import { cheapest, Missing } from './shared.mjs'

const { LogisticRegression, MLPClassifier, Matrix, SGDClassifier } = lanefit

async function begin(variant) {
  const options = variant === 'threads' ? { threads: 'auto' } : variant === 'relaxed' ? { variant } : {}
  try {
    await lanefit.init(options)
  } catch (error) {
    throw new Missing(`not in this build or on this Node: ${error.message}`)
  }
  const { threads } = lanefit.kernelInfo()
  if (variant === 'threads' && !(threads > 1)) throw new Missing('this build has no threads')
}

/** Where there are workers, `fit` is who uses them; alone, `fitSync` spares the breaks. */
function fitBy(variant) {
  return variant === 'threads' ? (model, X, y) => model.fit(X, y) : (model, X, y) => model.fitSync(X, y)
}

const parametersOf = ({ coef, intercept }) => [...coef, intercept]

/** A fit of n epochs or steps of what `make(n)` makes. */
function pieces(variant, X, y, make, answer) {
  const fit = fitBy(variant)
  let model
  const run = (n) => {
    model = make(n)
    return fit(model, X, y)
  }
  return { run, answer: () => answer(model) }
}

async function epoch({ rows, cols, batchSize, rate, l2 }, { X, y }, variant) {
  await begin(variant)
  const options = { optimizer: 'sgd', standardize: false, batchSize, learningRate: rate, l2, tol: 0 }
  const make = (epochs) => new SGDClassifier({ ...options, epochs })
  return pieces(variant, Matrix.from({ data: X, rows, cols }), y, make, parametersOf)
}

async function fit(spec, given, variant) {
  await begin(variant === 'relaxed' || variant === 'threads' ? variant : 'simd')
  const { rows, cols, l2, classes = 1 } = spec
  const { y } = given
  const dense = { data: given.X, rows, cols }
  const X = variant === 'copied' ? dense : Matrix.from(dense)
  const solver = variant === 'lbfgs' ? 'lbfgs' : 'auto'
  const by = fitBy(variant)
  const answer = (model) => {
    if (classes === 1) return parametersOf(model)
    const each = Array.from(model.intercepts, (b, c) => [...model.coef.slice(c * cols, (c + 1) * cols), b])
    return each.flat()
  }
  const solve = async (tol) => answer(await by(new LogisticRegression({ solver, standardize: false, l2, tol }), X, y))
  const tol = await cheapest(spec, given, [1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-10], solve)
  const model = new LogisticRegression({ solver, standardize: false, l2, tol })
  return { run: () => by(model, X, y), answer: () => answer(model), note: `${model.options.solver}, tol ${tol}` }
}

export default {
  async gradient({ rows, cols, rate }, { X: data, y }, variant) {
    await begin(variant)
    const X = Matrix.from({ data, rows, cols })
    if (variant === 'lossGradient') return byLossGradient(X, y, rate)
    const options = { solver: 'gd', standardize: false, l2: 0, learningRate: rate, tol: 0 }
    return pieces(variant, X, y, (maxIter) => new LogisticRegression({ ...options, maxIter }), parametersOf)
  },

  epoch,

  async network({ rows, cols, width, batchSize, rate, judged }, { X, y }, variant) {
    await begin(variant)
    const options = {
      hiddenSizes: [width],
      optimizer: 'sgd',
      standardize: false,
      batchSize,
      learningRate: rate,
      tol: false,
    }
    const make = (epochs) => new MLPClassifier({ ...options, epochs })
    const head = { data: X.subarray(0, judged * cols), rows: judged, cols }
    return pieces(variant, Matrix.from({ data: X, rows, cols }), y, make, (model) => model.predictProba(head).of(1))
  },

  async predict({ rows, cols }, { X: data, model: json }, variant) {
    await begin(variant)
    const model = LogisticRegression.fromJSON(json)
    const X = Matrix.from({ data, rows, cols })
    let proba
    const run = () => {
      proba = model.predictProba(X)
    }
    return { run, answer: () => proba.of(1) }
  },

  async one({ rows }, data) {
    const model = LogisticRegression.fromJSON(data.model)
    const list = data.rows()
    const labels = new Uint8Array(rows)
    const p = new Float64Array(rows)
    const run = () => {
      for (let i = 0; i < rows; i++) {
        const { label, proba } = model.predictOne(list[i])
        labels[i] = label
        p[i] = proba
      }
    }
    return { run, answer: () => p.map((proba, i) => (labels[i] === 1 ? proba : 1 - proba)) }
  },

  fit,
  softmax: fit,

  /** lanefit has no public matrix product: this is the kernel's own, from the .wasm file of the package. */
  async gemm({ size }, { A, B }, variant) {
    const isShared = variant === 'threads'
    const { exports, module } = await kernelOf(isShared ? 'simd-threads' : variant, isShared)
    const { alloc, gemm, gemmScratchBytes, memory } = exports
    const [a, b, c] = [0, 1, 2].map(() => alloc(size * size * 4) >>> 0)
    const pool = isShared ? await poolOf(module, exports) : undefined
    const threads = pool?.threads ?? 1
    const scratchBytes = 128 * Math.ceil(gemmScratchBytes() / 128 + 1)
    const scratch = alloc(threads * scratchBytes) >>> 0
    const at = (pointer) => new Float32Array(memory.buffer, pointer, size * size)
    at(a).set(A)
    at(b).set(B)
    // Blocks of columns, whole panels of the kernel's, which packs those of B: two for each thread, where there are several.
    const step = pool ? 32 * Math.ceil(size / (2 * threads) / 32) : size
    const tasks = []
    for (let col = 0; col < size; col += step) {
      const from = 4 * col
      tasks.push([size, Math.min(step, size - col), size, a, size, b + from, size, c + from, size, scratch, 0, 0, 0])
    }
    const job = { name: 'gemm', tasks, scratchAt: 9, scratchBytes }
    const run = pool ? () => void [...pool.run(job)] : () => gemm(...tasks[0])
    return { run, answer: () => at(c), note: "the kernel's, not public" }
  },

  cold(_spec, data) {
    const { label, proba } = LogisticRegression.fromJSON(data.model).predictOne(data.rows(1)[0])
    return label === 1 ? proba : 1 - proba
  },
}

/** An instance of one of the package's .wasm files. */
async function kernelOf(name, isShared) {
  try {
    const module = new WebAssembly.Module(readFileSync(new URL(`../../../dist/kernel/${name}.wasm`, import.meta.url)))
    const memory = isShared ? new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true }) : undefined
    const env = { abort: () => {}, seed: () => 0, memory }
    const { exports } = await WebAssembly.instantiate(module, { env })
    return { module, exports: { memory, ...exports } }
  } catch (error) {
    throw new Missing(error.message)
  }
}

/** The package's threads on that instance: as many as there are processors. Of the build for bundlers, whose parts are files. */
async function poolOf(module, exports) {
  const { init, kernelInfo } = await import('../../../dist/node-module.js')
  await init({ threads: 'auto' })
  const [{ link }, { source }] = await Promise.all([
    import('../../../dist/node/replacing.js'),
    import('../../../dist/kernel/pool-worker-source.js'),
  ])
  const { threads } = kernelInfo()
  // What init has linked already.
  return link().Threads.start({ threads, script: source }, module, exports)
}

/** One loss and gradient a call, with all that a call checks. */
function byLossGradient(X, y, rate) {
  const point = { coef: new Float64Array(X.cols), intercept: 0 }
  const run = (steps) => {
    point.coef.fill(0)
    point.intercept = 0
    for (let step = 0; step < steps; step++) {
      const { coef, intercept } = lanefit.lossGradient('logistic', X, y, point)
      for (let k = 0; k < coef.length; k++) point.coef[k] -= rate * coef[k]
      point.intercept -= rate * intercept
    }
  }
  return { run, answer: () => parametersOf(point), note: 'the loss in float64 by a second pass' }
}
