import { readFileSync, writeFileSync } from 'node:fs'
import { LogisticRegression } from '../../src/models/index.ts'
import * as plain from '../baselines/plain.ts'
import { checkAnswer } from '../check.ts'
import { logisticData, normalArray } from '../data.ts'
import type { Kind } from './contenders.ts'
import { fitData, lossOf, softmaxData } from './data.ts'

/** What a contender reads in spec.json: what to do with the arrays beside it. */
export interface Spec {
  readonly kind: Kind
  readonly [setting: string]: number | string | boolean
}

/** `pieces`: how many were done (1 of those that take long). @throws AnswerError, RangeError for a wrong answer */
export type Judge = (answer: Float64Array, pieces: number) => string | undefined

/** A line of the table for everybody who can do it. */
export interface Workload {
  readonly name: string
  readonly kind: Kind
  /** Floating-point operations of a call or piece, where that says something. */
  readonly flops?: number
  /** Writes the data and spec.json into the folder. */
  prepare(folder: string, capMs: number): Judge
}

/** How far above the least loss a fit may end, relative to it. */
const GAP = 1e-6

function write(folder: string, spec: Spec, arrays: Record<string, Float32Array | Float64Array>): void {
  writeFileSync(`${folder}/spec.json`, JSON.stringify(spec))
  for (const [name, array] of Object.entries(arrays)) {
    writeFileSync(`${folder}/${name}.${array instanceof Float32Array ? 'f32' : 'f64'}`, array)
  }
}

/** Full-batch gradient descent from 0, a step a piece: w -= rate * gradient of the mean loss. */
function gradient(rows: number, cols: number): Workload {
  const [rate, pieces] = [0.5, 10]
  return {
    name: `gradient ${rows}x${cols}`,
    kind: 'gradient',
    flops: 4 * rows * cols,
    prepare(folder) {
      const { X, y } = centered(logisticData(rows, cols))
      write(folder, { kind: 'gradient', rows, cols, rate, pieces }, { X, y })
      const [w, grad] = [new Float64Array(cols + 1), new Float64Array(cols + 1)]
      const after = Array.from({ length: pieces }, () => {
        plain.logisticGradient(rows, cols, X, y, w, grad)
        for (let k = 0; k <= cols; k++) w[k]! -= (rate / rows) * grad[k]!
        return w.slice()
      })
      return (answer, steps) => void checkAnswer(`gradient ${rows}x${cols}`, answer, after[steps - 1]!, 1e-4)
    },
  }
}

/** A few models look at columns less their mean, which changes the path of gradient descent: here it changes nothing. */
function centered<D extends { rows: number; cols: number; X: Float32Array }>(data: D): D {
  const { rows, cols, X } = data
  for (let k = 0; k < cols; k++) {
    let sum = 0
    for (let i = 0; i < rows; i++) sum += X[i * cols + k]!
    for (let i = 0; i < rows; i++) X[i * cols + k]! -= sum / rows
  }
  return data
}

/** Epochs of mini-batch SGD over rows in random order. */
function epochs(rows: number, cols: number, batchSize: number, rate: number): Workload {
  const [l2, pieces] = [1e-3, 5]
  const name = `SGD epoch ${rows}x${cols}, batch ${batchSize}`
  return {
    name,
    // Not everybody knows mini-batches, and where there are none only those who do without have a chance.
    kind: batchSize === 1 ? 'rows' : 'epoch',
    flops: 4 * rows * cols,
    prepare(folder) {
      const data = logisticData(rows, cols)
      write(folder, { kind: 'epoch', rows, cols, batchSize, rate, l2, pieces }, { X: data.X, y: data.y })
      const least = lossOf(data, { l2 }, optimum(data, l2))
      return (answer) => {
        const gap = lossOf(data, { l2 }, answer) / least - 1
        // The noise of SGD at this step size is about 1 %.
        if (!(gap < 0.05 && gap > -1e-6)) throw new RangeError(`ends ${gap.toExponential(1)} above the least loss`)
        return undefined
      }
    },
  }
}

/** Epochs of a network with one hidden layer; what it has learnt is judged on some of its rows. */
function network(rows: number, cols: number, width: number, batchSize: number): Workload {
  const [rate, pieces, judged] = [0.05, 2, 2000]
  return {
    name: `network ${cols}-${width}-1 epoch, ${rows} rows, batch ${batchSize}`,
    kind: 'network',
    flops: rows * (4 * cols * width + 6 * width),
    prepare(folder) {
      const { X, y } = logisticData(rows, cols)
      write(folder, { kind: 'network', rows, cols, width, batchSize, rate, pieces, judged }, { X, y })
      return (answer, epochs) => {
        let [loss, right] = [0, 0]
        for (let i = 0; i < judged; i++) {
          const p = Math.min(1 - 1e-7, Math.max(1e-7, answer[i]!))
          loss -= Math.log(y[i] === 1 ? p : 1 - p) / judged
          right += (p > 0.5 ? 1 : 0) === y[i] ? 1 / judged : 0
        }
        // Who guesses has ln 2 = 0.69 and one half.
        if (!(loss < 0.68 && right > 0.55)) throw new RangeError(`has not learnt: log loss ${loss.toFixed(3)}`)
        return `log loss ${loss.toFixed(3)} after epoch ${epochs}`
      }
    },
  }
}

/** A model fitted on other rows, as its coefficients and as lanefit saves it. */
function model(folder: string, cols: number): Float64Array {
  const { X, y, rows } = logisticData(2000, cols, 9)
  const fitted = new LogisticRegression<number>({ standardize: false }).fitSync({ data: X, rows, cols }, y)
  writeFileSync(`${folder}/model.json`, JSON.stringify(fitted))
  return Float64Array.of(...fitted.coef, fitted.intercept)
}

function proba(rows: number, cols: number, X: Float32Array, w: Float64Array): Float64Array {
  return Float64Array.from(plain.predictProba(rows, cols, X, w).filter((_, i) => i % 2))
}

/** Probabilities of all rows at once, one by one, or of the first as soon as the process can. */
function predict(name: string, kind: 'predict' | 'one' | 'cold', rows: number, cols: number): Workload {
  return {
    name,
    kind,
    flops: (kind === 'one' ? 2 : 2 * rows) * cols,
    prepare(folder) {
      const { X } = logisticData(rows, cols)
      const w = model(folder, cols)
      write(folder, { kind, rows, cols, divide: kind === 'one' ? rows : 1 }, { X, w })
      const expected = proba(rows, cols, X, w)
      return (answer) => void checkAnswer(name, answer, expected.subarray(0, answer.length || rows), 1e-5)
    },
  }
}

/** The least loss, found by Newton's method and which reaches it to 1e-12; an answer below it is refused. */
function optimum(
  data: { rows: number; cols: number; X: Float32Array; y: Float32Array },
  l2: number,
  classes = 1,
): Float64Array {
  const { rows, cols, X, y } = data
  const options = { standardize: false, l2, tol: 1e-14, solver: 'newton' } as const
  const model = new LogisticRegression<number>(options).fitSync({ data: X, rows, cols }, y)
  if (classes === 1) return Float64Array.of(...model.coef, model.intercept)
  const { coef, intercepts } = model
  const each = Array.from(intercepts, (b, c) => [...coef.subarray(c * cols, (c + 1) * cols), b])
  return Float64Array.from(each.flat())
}

function fit(name: string, rows: number, cols: number, make: 'well' | 'ill' | number): Workload {
  const [l2, classes] = [1 / rows, typeof make === 'number' ? make : 1]
  const kind = classes > 1 ? 'softmax' : 'fit'
  return {
    name,
    kind,
    prepare(folder, capMs) {
      const data = typeof make === 'number' ? softmaxData(rows, cols, make) : fitData(rows, cols, make)
      const least = lossOf(data, { l2, classes }, optimum(data, l2, classes))
      const adam = make === 'ill'
      const rate = adam ? 0.08 : 1
      write(folder, { kind, rows, cols, l2, classes, least, gap: GAP, adam, rate, capMs }, { X: data.X, y: data.y })
      return (answer) => {
        const gap = lossOf(data, { l2, classes }, answer) / least - 1
        if (!(gap <= GAP && gap >= -1e-8)) throw new RangeError(`ends ${gap.toExponential(1)} above the least loss`)
        return undefined
      }
    },
  }
}

function gemm(size: number): Workload {
  return {
    name: `gemm ${size}`,
    kind: 'gemm',
    flops: 2 * size ** 3,
    prepare(folder) {
      const [A, B] = [normalArray(size * size, 1), normalArray(size * size, 2)]
      write(folder, { kind: 'gemm', size }, { A, B })
      const C = new Float32Array(size * size)
      plain.gemm(size, A, B, C)
      return (answer) => void checkAnswer(`gemm ${size}`, answer, C, 1e-5)
    },
  }
}

export const workloads: readonly Workload[] = [
  gradient(100_000, 100),
  gradient(1_000_000, 32),
  epochs(100_000, 32, 32, 0.1),
  epochs(100_000, 32, 1, 0.003),
  network(10_000, 784, 128, 64),
  network(50_000, 20, 64, 32),
  predict('predict 100000x100', 'predict', 100_000, 100),
  predict('predict one row of 100', 'one', 64, 100),
  fit('fit 50000x50, well-conditioned', 50_000, 50, 'well'),
  fit('fit 50000x50, ill-conditioned', 50_000, 50, 'ill'),
  fit('fit 20000x64, 10 classes', 20_000, 64, 10),
  ...[64, 128, 256, 512, 1024].map(gemm),
]

/** Process start to the first probability. */
export const coldStart: Workload = predict('cold start', 'cold', 1, 100)

/** What a contender's process left. */
export function readAnswer(file: string): Float64Array {
  const { buffer, byteOffset, byteLength } = readFileSync(file)
  return new Float64Array(buffer.slice(byteOffset, byteOffset + byteLength))
}
