/**
 * The ABI: what the module exports, and nothing else. Pointers are usize (4-byte aligned float32 unless a kernel's
 * contract asks for 16), counts u32 in elements; sizes first, then inputs, outputs, scalars; a stride follows its
 * pointer. The contract of each export is in the file it comes from; it means the same in every variant.
 */

export { epochScratchBytes, sgdEpoch } from './kernels/epoch'
export { linearLoss, softmaxLoss } from './kernels/exact-loss'
export { gemm, gemmScratchBytes } from './kernels/gemm'
export { gemv, gemvTransposed } from './kernels/gemv'
export { gram, gramScratchBytes } from './kernels/gram'
export { alloc, free } from './kernels/heap'
export { hessianScratchBytes, linearHessian } from './kernels/hessian'
export { linearPass, linearScratchBytes } from './kernels/linear'
export { softmaxRows, softmaxRowsScratchBytes } from './kernels/logits'
export { mlpEpoch, mlpForward, mlpPass, mlpStep } from './kernels/mlp'
export { mlpParams, mlpScratchBytes } from './kernels/network'
export { optimizerEpoch, optimizerScratchBytes } from './kernels/optimizer-epoch'
export { layRows } from './kernels/order'
export { placeRows } from './kernels/place'
export { exp, log1p, sigmoid, sigmoidPairs } from './kernels/pointwise'
export { linearProba } from './kernels/proba'
export { normal, shuffle, uniform } from './kernels/random'
export { softmaxForward, softmaxPass, softmaxScratchBytes } from './kernels/softmax'
export { columnSquares, columnSums, gatherRows } from './kernels/stats'
export { update } from './kernels/update'
export { axpy, dot, scale } from './kernels/vector'
export { wideGemv, wideGemvTransposed } from './kernels/wide-rows'
