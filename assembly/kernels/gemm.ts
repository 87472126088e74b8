import { Lanes, lanes } from '../lanes'
import { MR, Tile, tileCols } from './tile'
import { axpy, dot } from './vector'

/**
 * C = op(A) op(B), or C += op(A) op(B): m x n, with k terms a sum; float32 throughout, any m, n, k, any leading
 * dimension (in elements), no alignment asked.
 *
 * Goto and van de Geijn's scheme ("Anatomy of high-performance matrix multiplication", ACM TOMS 34, 2008): blocks of
 * KC terms are packed so that the inner kernel reads both operands in order,
 *
 *   packed A: panels of 6 rows    a[0..6) of term 0, of term 1, ...      packed B: panels of 2 lane vectors, the same
 *
 * and keeps a 6 x 8 tile of C in twelve registers (two more hold B, one the splat of A: 15). A last panel of up to 4
 * rows takes a 4 x 8 tile. Panels are padded with zeros; a tile that overhangs C goes through scratch.
 *
 * An operand whose terms already lie in order (B, or A transposed) is read where it is if its block is small: packing
 * would cost more than it saves. A large block is packed, as its terms would fight for a few sets of the cache. A single
 * column (the logits of a network with one output, and what comes back from them) is dot products or axpys.
 */

const KC: u32 = 256
const MC: u32 = 96
const NC: u32 = 512
/** A block whose terms are spread over at most so many bytes is read in place. */
const IN_PLACE: usize = 16384
/** A tile that overhangs is stored here first: 6 rows of 8. */
const TILE_BYTES: usize = 192

/** Bytes of scratch that `gemm` needs, for any size. */
export function gemmScratchBytes(): u32 {
  return <u32>TILE_BYTES + (MC + MR) * KC * 4 + (NC + 8) * KC * 4
}

/**
 * Packs `count` rows (or columns) by `terms` into panels of `width`: element (i, t) is at source + i * step + t * next
 * bytes. Missing rows of the last panel become zeros.
 */
function pack(count: u32, terms: u32, source: usize, step: usize, next: usize, target: usize, width: u32): void {
  for (let begin: u32 = 0; begin < count; begin += width) {
    const here = min<u32>(width, count - begin)
    const first = source + <usize>begin * step
    if (here == width && step == 4) {
      if (width == MR) copySix(terms, first, next, target)
      else copyPair(terms, first, next, target)
      target += (<usize>terms * width) << 2
      continue
    }
    if (here == MR && width == MR) {
      const done = next == 4 ? packSixRows(terms, first, step, target) : 0
      gatherSix(terms - done, first + <usize>done * next, step, next, target + <usize>done * 24)
      target += <usize>terms * 24
      continue
    }
    // The last panel of A may be 4 rows instead of 6.
    const panel: u32 = width == MR && here <= 4 ? 4 : width
    for (let t: u32 = 0; t < terms; t++) {
      let p = first + <usize>t * next
      for (let i: u32 = 0; i < here; i++) {
        store<f32>(target, load<f32>(p))
        p += step
        target += 4
      }
      for (let i = here; i < panel; i++) {
        store<f32>(target, 0)
        target += 4
      }
    }
  }
}

/** Six floats of each term, side by side. */
function copySix(terms: u32, p: usize, next: usize, target: usize): void {
  for (const end = target + <usize>terms * 24; target < end; target += 24) {
    if (isVector<Vec>()) {
      store<Vec>(target, load<Vec>(p))
    } else {
      store<f32>(target, load<f32>(p))
      store<f32>(target, load<f32>(p, 4), 4)
      store<f32>(target, load<f32>(p, 8), 8)
      store<f32>(target, load<f32>(p, 12), 12)
    }
    store<f32>(target, load<f32>(p, 16), 16)
    store<f32>(target, load<f32>(p, 20), 20)
    p += next
  }
}

/** Two lane vectors of each term. */
function copyPair(terms: u32, p: usize, next: usize, target: usize): void {
  for (const end = target + <usize>terms * 2 * sizeof<Vec>(); target < end; target += 2 * sizeof<Vec>()) {
    store<Vec>(target, load<Vec>(p))
    store<Vec>(target, load<Vec>(p, sizeof<Vec>()), sizeof<Vec>())
    p += next
  }
}

/** Six rows whose terms lie side by side, whole lane vectors of them; returns how many terms that are. */
function packSixRows(terms: u32, p: usize, step: usize, target: usize): u32 {
  const L = lanes()
  let t: u32 = 0
  for (; t + L <= terms; t += L) {
    const p2 = p + 2 * step
    const p4 = p2 + 2 * step
    Lanes.storeColumns(
      target,
      load<Vec>(p),
      load<Vec>(p + step),
      load<Vec>(p2),
      load<Vec>(p2 + step),
      load<Vec>(p4),
      load<Vec>(p4 + step),
    )
    p += sizeof<Vec>()
    target += 6 * sizeof<Vec>()
  }
  return t
}

/** Six floats of each term, `step` bytes apart. */
function gatherSix(terms: u32, p0: usize, step: usize, next: usize, target: usize): void {
  let p1 = p0 + step
  let p2 = p1 + step
  let p3 = p2 + step
  let p4 = p3 + step
  let p5 = p4 + step
  for (const end = target + <usize>terms * 24; target < end; target += 24) {
    store<f32>(target, load<f32>(p0))
    store<f32>(target, load<f32>(p1), 4)
    store<f32>(target, load<f32>(p2), 8)
    store<f32>(target, load<f32>(p3), 12)
    store<f32>(target, load<f32>(p4), 16)
    store<f32>(target, load<f32>(p5), 20)
    p0 += next
    p1 += next
    p2 += next
    p3 += next
    p4 += next
    p5 += next
  }
}

/** One tile of C, whole or overhanging. */
function tile(
  m: u32,
  n: u32,
  k: u32,
  a: usize,
  aNext: usize,
  b: usize,
  bNext: usize,
  c: usize,
  row: usize,
  add: bool,
  spill: usize,
): void {
  const whole = n == tileCols() && (m == MR || m == 4)
  const target = whole ? c : spill
  const step = whole ? row : 2 * sizeof<Vec>()
  if (m > 4) Tile.six(k, a, aNext, b, bNext, target, step, whole && add)
  else Tile.four(k, a, aNext, b, bNext, target, step, whole && add)
  if (whole) return
  for (let i: u32 = 0; i < m; i++) {
    for (let j: u32 = 0; j < n; j++) {
      const at = c + <usize>i * row + ((<usize>j) << 2)
      const sum = load<f32>(spill + <usize>i * step + ((<usize>j) << 2))
      store<f32>(at, add ? load<f32>(at) + sum : sum)
    }
  }
}

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
  assert(ldc >= n && lda >= (transposeA ? m : k) && ldb >= (transposeB ? k : n) && scratch % 16 == 0)
  const row = (<usize>ldc) << 2
  // Bytes from row to row of op(A), and from term to term; the same for the columns of op(B).
  const aStep: usize = transposeA ? 4 : (<usize>lda) << 2
  const aNext: usize = transposeA ? (<usize>lda) << 2 : 4
  const bStep: usize = transposeB ? (<usize>ldb) << 2 : 4
  const bNext: usize = transposeB ? 4 : (<usize>ldb) << 2
  const packedA = scratch + TILE_BYTES
  const packedB = packedA + (MC + MR) * KC * 4
  const NR = tileCols()

  if (k == 0 && !accumulate) {
    for (let i: u32 = 0; i < m; i++) memory.fill(c + <usize>i * row, 0, (<usize>n) << 2)
    return
  }
  if (n == 1 && k <= KC && bNext == 4 && aNext == 4) {
    for (let i: u32 = 0; i < m; i++) {
      const sum = <f32>dot(k, a, b)
      store<f32>(c, accumulate ? load<f32>(c) + sum : sum)
      a += aStep
      c += row
    }
    return
  }
  if (n == 1 && k <= KC && aStep == 4 && row == 4) {
    if (!accumulate) memory.fill(c, 0, (<usize>m) << 2)
    for (let t: u32 = 0; t < k; t++) {
      axpy(m, a, c, load<f32>(b))
      a += aNext
      b += bNext
    }
    return
  }
  for (let jc: u32 = 0; jc < n; jc += NC) {
    const nc = min<u32>(NC, n - jc)
    for (let pc: u32 = 0; pc < k; pc += KC) {
      const kc = min<u32>(KC, k - pc)
      const add = accumulate || pc > 0
      const bBlock = b + <usize>jc * bStep + <usize>pc * bNext
      // How many columns, and below rows, are read in place: whole panels only.
      const bPlain = bStep == 4 && <usize>kc * bNext <= IN_PLACE ? nc - (nc % NR) : 0
      for (let ic: u32 = 0; ic < m; ic += MC) {
        const mc = min<u32>(MC, m - ic)
        const aBlock = a + <usize>ic * aStep + <usize>pc * aNext
        const aPlain = aStep == 4 && <usize>kc * aNext <= IN_PLACE ? mc - (mc % MR) : 0
        pack(mc - aPlain, kc, aBlock + <usize>aPlain * aStep, aStep, aNext, packedA, MR)
        for (let j: u32 = 0; j < nc; j += NR) {
          const bThere = j < bPlain
          const bPanel = bThere ? bBlock + <usize>j * 4 : packedB + <usize>(j - bPlain) * kc * 4
          // A panel is packed when it is first asked for: the nearest cache holds it still.
          if (ic == 0 && !bThere) pack(min<u32>(NR, nc - j), kc, bBlock + <usize>j * bStep, bStep, bNext, bPanel, NR)
          const cCols = c + <usize>ic * row + ((<usize>(jc + j)) << 2)
          for (let i: u32 = 0; i < mc; i += MR) {
            const rows = min<u32>(MR, mc - i)
            const aThere = i < aPlain
            tile(
              rows,
              min<u32>(NR, nc - j),
              kc,
              aThere ? aBlock + <usize>i * 4 : packedA + <usize>(i - aPlain) * kc * 4,
              aThere ? aNext : rows > 4 ? 24 : 16,
              bPanel,
              bThere ? bNext : 2 * sizeof<Vec>(),
              cCols + <usize>i * row,
              row,
              add,
              scratch,
            )
          }
        }
      }
    }
  }
}
