/** Everything that runs anywhere: browsers, workers, Node. */

export type { DataErrorCode, KernelErrorCode } from './core/errors.ts'
export { DataError, KernelError, ModelFormatError, NotFittedError, ParseError } from './core/errors.ts'
