import { Lanes } from '../../../assembly/lanes'

/** What this machine can do at most by this engine's SIMD: loops that only read and loops that only calculate. */

/** Reads `bytes` (a multiple of 128) at p from front to back; the result keeps the loads alive. */
export function readOnce(bytes: usize, p: usize): i32 {
  let a = i32x4.splat(0)
  let b = i32x4.splat(0)
  let c = i32x4.splat(0)
  let d = i32x4.splat(0)
  const end = p + bytes
  while (p < end) {
    a = v128.xor(a, v128.load(p))
    b = v128.xor(b, v128.load(p, 16))
    c = v128.xor(c, v128.load(p, 32))
    d = v128.xor(d, v128.load(p, 48))
    a = v128.xor(a, v128.load(p, 64))
    b = v128.xor(b, v128.load(p, 80))
    c = v128.xor(c, v128.load(p, 96))
    d = v128.xor(d, v128.load(p, 112))
    p += 128
  }
  return i32(v128.any_true(v128.or(v128.or(a, b), v128.or(c, d))))
}

/** The same in four streams, a quarter of the bytes (a multiple of 512) each: more lines are on their way at a time. */
export function readFour(bytes: usize, p: usize): i32 {
  let a = i32x4.splat(0)
  let b = i32x4.splat(0)
  let c = i32x4.splat(0)
  let d = i32x4.splat(0)
  const quarter = bytes >> 2
  const end = p + quarter
  let q = p + quarter
  let r = q + quarter
  let s = r + quarter
  while (p < end) {
    a = v128.xor(a, v128.load(p))
    a = v128.xor(a, v128.load(p, 16))
    a = v128.xor(a, v128.load(p, 32))
    a = v128.xor(a, v128.load(p, 48))
    b = v128.xor(b, v128.load(q))
    b = v128.xor(b, v128.load(q, 16))
    b = v128.xor(b, v128.load(q, 32))
    b = v128.xor(b, v128.load(q, 48))
    c = v128.xor(c, v128.load(r))
    c = v128.xor(c, v128.load(r, 16))
    c = v128.xor(c, v128.load(r, 32))
    c = v128.xor(c, v128.load(r, 48))
    d = v128.xor(d, v128.load(s))
    d = v128.xor(d, v128.load(s, 16))
    d = v128.xor(d, v128.load(s, 32))
    d = v128.xor(d, v128.load(s, 48))
    p += 64
    q += 64
    r += 64
    s += 64
  }
  return i32(v128.any_true(v128.or(v128.or(a, b), v128.or(c, d))))
}

/** From front to back too, touching lines half a page ahead: the hardware's own prefetching stops at a page's end. */
export function readAhead(bytes: usize, p: usize): i32 {
  let a = i32x4.splat(0)
  let b = i32x4.splat(0)
  let c = i32x4.splat(0)
  let d = i32x4.splat(0)
  let e = i32x4.splat(0)
  const end = p + bytes
  let q = p + min<usize>(2048, bytes - 128)
  while (p < end) {
    e = v128.xor(e, v128.load(q))
    a = v128.xor(a, v128.load(p))
    b = v128.xor(b, v128.load(p, 16))
    c = v128.xor(c, v128.load(p, 32))
    d = v128.xor(d, v128.load(p, 48))
    e = v128.xor(e, v128.load(q, 64))
    a = v128.xor(a, v128.load(p, 64))
    b = v128.xor(b, v128.load(p, 80))
    c = v128.xor(c, v128.load(p, 96))
    d = v128.xor(d, v128.load(p, 112))
    p += 128
    q = q + 256 > end ? q : q + 128
  }
  return i32(v128.any_true(v128.or(v128.or(v128.or(a, b), v128.or(c, d)), e)))
}

/**
 * `steps` times 12 independent a = a x + y, fused in the relaxed variant: 96 floating-point operations a step. With 12,
 * as in gemm, none waits for another.
 */
export function multiplyAdd(steps: u32, by: f32, plus: f32): f32 {
  const x = Lanes.splat(by)
  const y = Lanes.splat(plus)
  let a0 = x
  let a1 = x
  let a2 = x
  let a3 = x
  let a4 = x
  let a5 = x
  let a6 = x
  let a7 = x
  let a8 = x
  let a9 = x
  let a10 = x
  let a11 = x
  for (; steps; steps--) {
    a0 = Lanes.madd(a0, x, y)
    a1 = Lanes.madd(a1, x, y)
    a2 = Lanes.madd(a2, x, y)
    a3 = Lanes.madd(a3, x, y)
    a4 = Lanes.madd(a4, x, y)
    a5 = Lanes.madd(a5, x, y)
    a6 = Lanes.madd(a6, x, y)
    a7 = Lanes.madd(a7, x, y)
    a8 = Lanes.madd(a8, x, y)
    a9 = Lanes.madd(a9, x, y)
    a10 = Lanes.madd(a10, x, y)
    a11 = Lanes.madd(a11, x, y)
  }
  return sum(sum4(a0, a1, a2, a3), sum4(a4, a5, a6, a7), sum4(a8, a9, a10, a11))
}

/**
 * `steps` times 6 independent a = a x and 6 b = b + y, 48 operations a step: what multiplications and additions can reach
 * that never wait for each other, on CPUs that add where they do not multiply.
 */
export function multiplyAndAdd(steps: u32, by: f32, plus: f32): f32 {
  const x = Lanes.splat(by)
  const y = Lanes.splat(plus)
  let a0 = x
  let a1 = x
  let a2 = x
  let a3 = x
  let a4 = x
  let a5 = x
  let b0 = x
  let b1 = x
  let b2 = x
  let b3 = x
  let b4 = x
  let b5 = x
  for (; steps; steps--) {
    a0 = Lanes.mul(a0, x)
    b0 = Lanes.add(b0, y)
    a1 = Lanes.mul(a1, x)
    b1 = Lanes.add(b1, y)
    a2 = Lanes.mul(a2, x)
    b2 = Lanes.add(b2, y)
    a3 = Lanes.mul(a3, x)
    b3 = Lanes.add(b3, y)
    a4 = Lanes.mul(a4, x)
    b4 = Lanes.add(b4, y)
    a5 = Lanes.mul(a5, x)
    b5 = Lanes.add(b5, y)
  }
  return sum(sum4(a0, a1, a2, a3), sum4(a4, a5, b0, b1), sum4(b2, b3, b4, b5))
}

function sum4(a: Vec, b: Vec, c: Vec, d: Vec): Vec {
  return Lanes.add(Lanes.add(a, b), Lanes.add(c, d))
}

function sum(a: Vec, b: Vec, c: Vec): f32 {
  return Lanes.sum(Lanes.add(Lanes.add(a, b), c))
}
