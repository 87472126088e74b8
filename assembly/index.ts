/**
 * The ABI: what the module exports, and nothing else. Pointers are usize (4-byte aligned float32 unless a kernel's
 * contract asks for 16), counts u32 in elements; sizes first, then inputs, outputs, scalars; a stride follows its
 * pointer. Contracts are in the files named beside each group. Every export means the same in every variant.
 */
import * as epoch from './kernels/epoch'
import * as matmul from './kernels/gemm'
import * as hessian from './kernels/hessian'
import * as linear from './kernels/linear'
import * as map from './kernels/pointwise'
import * as stats from './kernels/stats'
import * as vector from './kernels/vector'
import { LogisticLoss } from './losses'

// heap: only src/kernel/memory.ts calls these

export function alloc(bytes: usize): usize {
  return heap.alloc(bytes)
}

export function free(at: usize): void {
  heap.free(at)
}

// vector.ts

export function dot(n: u32, x: usize, y: usize): f64 {
  if (ASC_FEATURE_SIMD) return vector.dotOf<v128>(n, x, y)
  return vector.dotOf<f32>(n, x, y)
}

export function axpy(n: u32, x: usize, y: usize, a: f32): void {
  if (ASC_FEATURE_SIMD) vector.axpyOf<v128>(n, x, y, a)
  else vector.axpyOf<f32>(n, x, y, a)
}

export function scale(n: u32, x: usize, a: f32): void {
  if (ASC_FEATURE_SIMD) vector.scaleOf<v128>(n, x, a)
  else vector.scaleOf<f32>(n, x, a)
}

// pointwise.ts

export function exp(n: u32, x: usize, y: usize): void {
  if (ASC_FEATURE_SIMD) map.mapOf<v128, map.Exp>(n, x, y)
  else map.mapOf<f32, map.Exp>(n, x, y)
}

export function log1p(n: u32, x: usize, y: usize): void {
  if (ASC_FEATURE_SIMD) map.mapOf<v128, map.Log1p>(n, x, y)
  else map.mapOf<f32, map.Log1p>(n, x, y)
}

export function sigmoid(n: u32, x: usize, y: usize): void {
  if (ASC_FEATURE_SIMD) map.mapOf<v128, map.Sigmoid>(n, x, y)
  else map.mapOf<f32, map.Sigmoid>(n, x, y)
}

// gemm.ts

export { gemmScratchBytes } from './kernels/gemm'

export function gemm(
  m: u32,
  n: u32,
  k: u32,
  a: usize,
  lda: u32,
  b: usize,
  ldb: u32,
  c: usize,
  ldc: u32,
  scratch: usize,
  transposeA: bool,
  transposeB: bool,
  accumulate: bool,
): void {
  if (ASC_FEATURE_SIMD)
    matmul.gemmOf<v128>(m, n, k, a, lda, b, ldb, c, ldc, scratch, transposeA, transposeB, accumulate)
  else matmul.gemmOf<f32>(m, n, k, a, lda, b, ldb, c, ldc, scratch, transposeA, transposeB, accumulate)
}

// linear.ts

export { linearScratchBytes } from './kernels/linear'

export function gemv(rows: u32, x: usize, stride: u32, w: usize, z: usize, b: f32): void {
  if (ASC_FEATURE_SIMD) linear.gemvOf<v128>(rows, x, stride, w, z, b)
  else linear.gemvOf<f32>(rows, x, stride, w, z, b)
}

export function gemvTransposed(rows: u32, x: usize, stride: u32, r: usize, g: usize, scratch: usize): void {
  if (ASC_FEATURE_SIMD) linear.gemvTransposedOf<v128>(rows, x, stride, r, g, scratch)
  else linear.gemvTransposedOf<f32>(rows, x, stride, r, g, scratch)
}

export function logisticPass(
  rows: u32,
  chunkRows: u32,
  x: usize,
  stride: u32,
  w: usize,
  y: usize,
  s: usize,
  out: usize,
  scratch: usize,
  b: f32,
): void {
  if (ASC_FEATURE_SIMD) linear.linearPassOf<v128, LogisticLoss>(rows, chunkRows, x, stride, w, y, s, out, scratch, b)
  else linear.linearPassOf<f32, LogisticLoss>(rows, chunkRows, x, stride, w, y, s, out, scratch, b)
}

export function logisticLoss(rows: u32, x: usize, stride: u32, w: usize, y: usize, s: usize, b: f64): f64 {
  if (ASC_FEATURE_SIMD) return linear.linearLossOf<v128, LogisticLoss>(rows, x, stride, w, y, s, b)
  return linear.linearLossOf<f32, LogisticLoss>(rows, x, stride, w, y, s, b)
}

// hessian.ts

export { hessianScratchBytes } from './kernels/hessian'

export function logisticHessian(
  rows: u32,
  x: usize,
  stride: u32,
  w: usize,
  y: usize,
  s: usize,
  out: usize,
  scratch: usize,
  b: f32,
): void {
  if (ASC_FEATURE_SIMD) hessian.hessianPassOf<v128, LogisticLoss>(rows, x, stride, w, y, s, out, scratch, b)
  else hessian.hessianPassOf<f32, LogisticLoss>(rows, x, stride, w, y, s, out, scratch, b)
}

// epoch.ts

export { epochScratchBytes } from './kernels/epoch'

export function logisticSgdEpoch(
  rows: u32,
  batchSize: u32,
  slabs: usize,
  slabShift: u32,
  stride: u32,
  index: usize,
  y: usize,
  s: usize,
  scale: usize,
  mean: usize,
  w: usize,
  out: usize,
  scratch: usize,
  rate: f32,
  l2: f32,
  fitIntercept: bool,
): void {
  if (ASC_FEATURE_SIMD) {
    epoch.sgdEpochOf<v128, LogisticLoss>(
      rows,
      batchSize,
      slabs,
      slabShift,
      stride,
      index,
      y,
      s,
      scale,
      mean,
      w,
      out,
      scratch,
      rate,
      l2,
      fitIntercept,
    )
  } else {
    epoch.sgdEpochOf<f32, LogisticLoss>(
      rows,
      batchSize,
      slabs,
      slabShift,
      stride,
      index,
      y,
      s,
      scale,
      mean,
      w,
      out,
      scratch,
      rate,
      l2,
      fitIntercept,
    )
  }
}

// stats.ts

export { gatherRows } from './kernels/stats'

export function columnSums(rows: u32, x: usize, stride: u32, center: usize, s: usize, sums: usize): void {
  if (ASC_FEATURE_SIMD) stats.columnSumsOf<v128, stats.Value>(rows, x, stride, center, s, sums)
  else stats.columnSumsOf<f32, stats.Value>(rows, x, stride, center, s, sums)
}

export function columnSquares(rows: u32, x: usize, stride: u32, center: usize, s: usize, sums: usize): void {
  if (ASC_FEATURE_SIMD) stats.columnSumsOf<v128, stats.SquaredDistance>(rows, x, stride, center, s, sums)
  else stats.columnSumsOf<f32, stats.SquaredDistance>(rows, x, stride, center, s, sums)
}

// random.ts

export { normal, shuffle, uniform } from './kernels/random'
