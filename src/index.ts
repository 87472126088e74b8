/** Everything that runs anywhere: browsers, workers, Node. */

export type { DataErrorCode, KernelErrorCode } from './core/errors.ts'
export { DataError, KernelError, ModelFormatError, NotFittedError, ParseError } from './core/errors.ts'
export type { DenseData, InitOptions, KernelInfo, MatrixLike, Variant } from './kernel/index.ts'
export { init, kernelInfo, Matrix } from './kernel/index.ts'
