import { DataError, type DataErrorCode, KernelError, type KernelErrorCode } from '../core/errors.ts'

/** An error as plain values: a structured clone would leave of a DataError a nameless Error without its code. */
export interface PackedError {
  readonly name: string
  /** Without the hint. */
  readonly message: string
  readonly code?: string
  readonly details: {
    readonly hint?: string
    readonly row?: number
    readonly column?: number
    readonly variant?: string
  }
  readonly cause?: PackedError | string
}

/** The errors that a fit throws, by name. */
export function packError(error: unknown): PackedError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), details: {} }
  const { code, hint, row, column, variant } = error as { code?: string } & PackedError['details']
  const { name, message, cause } = error
  return {
    name,
    message: hint !== undefined && message.endsWith(`. ${hint}`) ? message.slice(0, -hint.length - 2) : message,
    ...(code !== undefined && { code }),
    details: {
      ...(hint !== undefined && { hint }),
      ...(row !== undefined && { row }),
      ...(column !== undefined && { column }),
      ...(variant !== undefined && { variant }),
    },
    ...(cause !== undefined && { cause: cause instanceof Error ? packError(cause) : String(cause) }),
  }
}

/** The error again, of its class: what `instanceof` and `code` say is as if it had been thrown here. */
export function unpackError({ name, message, code, details, cause: packed }: PackedError): Error {
  const cause = typeof packed === 'object' ? unpackError(packed) : packed
  const all = cause === undefined ? details : { ...details, cause }
  if (name === 'DataError') return new DataError(code as DataErrorCode, message, all)
  if (name === 'KernelError') return new KernelError(code as KernelErrorCode, message, all)
  const known = { TypeError, RangeError, SyntaxError }[name] ?? Error
  const error = new known(message, cause === undefined ? undefined : { cause })
  if (error.name !== name) error.name = name
  return error
}
