/**
 * The errors lanefit throws besides `TypeError` (wrong kind) and `RangeError` (wrong value).
 * Every one has a `code` to branch on and, where something can be done about it, a `hint` that says what.
 */

interface ErrorDetails {
  /** What to do about it, in one sentence. It is also at the end of `message`. */
  hint?: string
  cause?: unknown
}

abstract class LanefitError extends Error {
  /** A stable, upper-case word for programs to branch on. */
  readonly code: string
  /** What to do about it, if something can be done. */
  readonly hint: string | undefined

  constructor(code: string, message: string, { hint, cause }: ErrorDetails = {}) {
    super(hint === undefined ? message : `${message}. ${hint}`, cause === undefined ? undefined : { cause })
    this.code = code
    this.hint = hint
  }
}

/** What can be wrong with the data itself. */
export type DataErrorCode =
  | 'NON_FINITE'
  | 'FLOAT32_OVERFLOW'
  | 'ONE_CLASS'
  | 'TOO_MANY_CLASSES'
  | 'UNKNOWN_LABEL'
  | 'MISSING_COLUMN'
  | 'MISSING_VALUE'
  | 'TEXT_COLUMN'
  | 'SEPARABLE'
  | 'DIVERGED'
  | 'DEAD_NETWORK'
  | 'ZERO_WEIGHTS'
  | 'TOO_FEW_ROWS'

/** The data cannot be used as they are: a NaN, one class only, a text column ... */
export class DataError extends LanefitError {
  override readonly name = 'DataError'
  declare readonly code: DataErrorCode
  /** Row of the offending value, counted from 0, where there is one. */
  readonly row: number | undefined
  /** Column of the offending value, counted from 0, where there is one. */
  readonly column: number | undefined

  constructor(code: DataErrorCode, message: string, details: ErrorDetails & { row?: number; column?: number } = {}) {
    super(code, message, details)
    this.row = details.row
    this.column = details.column
  }
}

/** A method that needs a fitted model was called before `fit`. */
export class NotFittedError extends LanefitError {
  override readonly name = 'NotFittedError'

  constructor(model: string, method: string) {
    super('NOT_FITTED', `${model}.${method}: the model is not fitted`, {
      hint: 'Call fit first, or load a saved model with fromJSON',
    })
  }
}

/** Text or bytes that do not parse. */
export class ParseError extends LanefitError {
  override readonly name = 'ParseError'
  /** Line in the source, counted from 1, where it is known. */
  readonly line: number | undefined
  /** Column (field) in that line, counted from 1, where it is known. */
  readonly column: number | undefined

  constructor(message: string, details: ErrorDetails & { line?: number; column?: number } = {}) {
    super('PARSE', message, details)
    this.line = details.line
    this.column = details.column
  }
}

/** What can go wrong in the WebAssembly kernel. */
export type KernelErrorCode = 'UNAVAILABLE' | 'OUT_OF_MEMORY' | 'TRAP' | 'DISPOSED' | 'IN_USE'

/** The kernel could not be loaded, ran out of memory or trapped. */
export class KernelError extends LanefitError {
  override readonly name = 'KernelError'
  declare readonly code: KernelErrorCode
  /** The kernel variant it happened in, where one was running. */
  readonly variant: string | undefined

  constructor(code: KernelErrorCode, message: string, details: ErrorDetails & { variant?: string } = {}) {
    super(code, message, details)
    this.variant = details.variant
  }
}

/** A saved model that is not one, is damaged, or comes from a newer version. */
export class ModelFormatError extends LanefitError {
  override readonly name = 'ModelFormatError'

  constructor(message: string, details: ErrorDetails = {}) {
    super('MODEL_FORMAT', message, details)
  }
}
