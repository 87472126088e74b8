import { expect } from 'vitest'
import { kernelInfo, type MatrixLike } from '../../src/kernel/index.ts'
import type { FitOptions, HistoryEntry, Proba } from '../../src/models/index.ts'

// biome-ignore lint/suspicious/noExplicitAny: what the contract asks for does not depend on the kind of labels
type Anything = any

/** What every estimator has, as far as the contract looks. */
export interface Estimator {
  readonly options: object
  /** Of linear models. */
  readonly coef?: Float64Array
  readonly intercept?: number
  readonly intercepts?: Float64Array
  /** Of networks. */
  readonly weights?: readonly Float32Array[]
  readonly biases?: readonly Float32Array[]
  readonly classes: readonly (number | string | boolean)[]
  readonly nIter: number
  readonly converged: boolean
  readonly loss: number
  readonly history: readonly HistoryEntry[]
  readonly featureNames: readonly string[] | undefined
  readonly nFeatures: number
  fit(X: MatrixLike, y: Anything, options?: FitOptions): Promise<unknown>
  fitSync(X: MatrixLike, y: Anything, options?: FitOptions): unknown
  predict(X: MatrixLike): Anything[]
  decisionFunction(X: MatrixLike, options?: { out?: Float32Array }): Float32Array
  score(X: MatrixLike, y: Anything, options?: { sampleWeight?: number[] }): number
  predictOne(row: Anything): { label: Anything; proba?: number }
  predictProba?(X: MatrixLike, options?: { out?: Float32Array }): Proba
  clone(): Estimator
  toJSON(): object
}

export type Options = Record<string, unknown>

/** What the contract has to know of an estimator. */
export interface Description {
  readonly name: string
  /** What tells it from another description of the same estimator. */
  readonly title?: string
  make(options?: Options): Estimator
  load(json: unknown): Estimator
  /** Whether it has predictProba. */
  readonly hasProba: boolean
  /** Rows of two classes or more that overlap; the same for a seed. */
  makeData(rows: number, seed?: number): { X: number[][]; y: string[] }
  /** Its fitted parameters. Default: coef and intercept. */
  readonly parameters?: readonly (keyof Estimator)[]
  /** Options that reach the optimum whatever the order of the rows, if there are any. */
  readonly fullBatch: readonly Options[]
  /** Options whose mini-batches hold all rows, so that their order and form make no difference to a step. */
  readonly oneBatch?: Options
  /** Options that draw rows in an order decided by `seed`, if it can. */
  readonly sampled?: Options
}

/** The fitted numbers as bytes, to compare bit for bit. */
export function bytesOf(model: Estimator): number[] {
  const layers = [...(model.weights ?? []), ...(model.biases ?? [])].flatMap((layer) => [...layer])
  const numbers = Float64Array.of(
    ...(model.coef ?? []),
    ...(model.intercepts ?? []),
    ...layers,
    model.loss,
    model.nIter,
  )
  return [...new Uint8Array(numbers.buffer)]
}

/** Equal as bits. */
export function expectSame(a: Float32Array | Float64Array, b: Float32Array | Float64Array): void {
  expect([...new Uint8Array(a.slice().buffer)]).toEqual([...new Uint8Array(b.slice().buffer)])
}

/** Equal but for `near` of the largest. */
export function expectNear(a: ArrayLike<number>, b: ArrayLike<number>, near: number): void {
  expect(a.length).toBe(b.length)
  const size = Math.max(...Array.from(b, Math.abs))
  expect(Math.max(...Array.from(b, (v, k) => Math.abs(a[k]! - v)))).toBeLessThanOrEqual(near * size)
}

export function liveBytes(): number {
  return kernelInfo().liveBytes
}

/** Rows as one array. */
export function dense<A extends Float32Array | Float64Array>(X: readonly number[][], into: { from(v: number[]): A }) {
  return { data: into.from(X.flat()), rows: X.length, cols: X[0]!.length }
}

/** Keeps the thread busy: what comes next is after a break. */
export function wait(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}
