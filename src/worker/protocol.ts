import type { InitOptions } from '../kernel/index.ts'
import type { PackedError } from './packed-error.ts'

/** Which of a fit's tables. */
export type TableName = 'X' | 'validation'

/** A table whose rows follow in pieces. */
export interface TableHead {
  readonly rows: number
  readonly cols: number
  readonly featureNames: readonly string[] | undefined
  /** Of a Matrix: its shift. Its rows come as they lie in kernel memory, `stride` floats each. Else they are `cols` numbers. */
  readonly stored?: { readonly shift: Float64Array; readonly stride: number }
}

/** Labels by their places in `classes`, and weights. */
export interface RowLabels {
  readonly classes: readonly (number | string | boolean)[]
  readonly codes: Int32Array
  readonly sampleWeight: Float64Array | undefined
}

/** What the page says, in this order: begin, rows (any number of times), fit. */
export type ToWorker =
  | {
      readonly type: 'begin'
      /** The page's lanefit: a hosted worker file may be of another. */
      readonly version: string
      /** The page's kernel, options of `init`, and the fit's share of its threads. */
      readonly kernel: Pick<InitOptions, 'variant' | 'module'> & { readonly threads: number }
      readonly tables: { readonly [name in TableName]?: TableHead }
    }
  | {
      readonly type: 'rows'
      readonly table: TableName
      readonly values: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>
      readonly rows: number
    }
  | {
      readonly type: 'fit'
      readonly task: string
      readonly labels: { readonly [name in TableName]?: RowLabels }
      readonly budgetMs: number | undefined
      readonly wantsProgress: boolean
      /** What the task needs beside data and fit options. */
      readonly plan: unknown
      /** The fit that a warm start starts from. */
      readonly previous: unknown
    }

/** What the worker says: taken (for each piece of rows, giving its buffer back), progress, and in the end done or failed. */
export type FromWorker =
  | { readonly type: 'taken'; readonly buffer: ArrayBuffer }
  | { readonly type: 'progress'; readonly progress: object }
  | { readonly type: 'done'; readonly fit: unknown; readonly kernelBytes: number }
  | { readonly type: 'failed'; readonly error: PackedError; readonly kernelBytes: number }
