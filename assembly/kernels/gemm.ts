import { Lanes, lanes } from '../lanes'
import { block, PACKED_B, pack, TERMS } from './product'
import { tileCols } from './tile'
import { axpy, dot } from './vector'

/**
 * C = op(A) op(B), or C += op(A) op(B): m x n, with k terms a sum; float32 throughout, any m, n, k, any leading
 * dimension (in elements), no alignment asked.
 *
 * The inner kernel keeps a tile of C in registers, 4 or 6 rows (tile.ts says when) of two lane vectors, over at most TERMS
 * terms; their sum is added to C, which fixes the bits. A tile that overhangs C goes through scratch. For each block of B,
 * TERMS terms of NC columns:
 *
 *   packed B: panels of 2 lane vectors, term 0, term 1, ...      for a tile's rows of A:  for each panel of B:  a tile
 *
 * so that a few rows of A stay in the nearest cache, and the next one delivers B in order and takes C along its rows, as
 * the hardware's prefetching likes it. (Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", ACM
 * TOMS 34, 2008, go the other way, down the columns of C: measured, 12 % slower at 1024, most of it misses on C.)
 *
 * A is read where it lies; only a last panel of neither 4 nor 6 rows, and a transposed A whose terms are far apart (they
 * would fight for a few sets of the cache) are packed, a panel at a time. B is packed unless its block is small, or has
 * too few rows of A to earn it. A single column (the logits of a network with one output, and what comes back from them)
 * is dot products or axpys.
 */

const NC: u32 = 1024
/** What is spread over at most so many bytes is read in place. */
const IN_PLACE: usize = 16384
/** So is a B that meets no more rows of A than these. */
const FEW_ROWS: u32 = 24

/** Bytes of scratch that `gemm` needs, for any size. */
export function gemmScratchBytes(): u32 {
  return <u32>PACKED_B + (NC + 8) * TERMS * 4
}

/** One term of all panels of B, `cols` a multiple of their width. */
function copyTerm(cols: u32, p: usize, panel: usize, target: usize): void {
  for (const end = p + ((<usize>cols) << 2); p < end; p += 2 * sizeof<Vec>()) {
    store<Vec>(target, load<Vec>(p))
    store<Vec>(target, load<Vec>(p, sizeof<Vec>()), sizeof<Vec>())
    target += panel
  }
}

/** The panels of B: four terms at a time, so that reading goes along the rows and writing fills whole cache lines. */
function copyPanels(terms: u32, cols: u32, p: usize, next: usize, panel: usize, target: usize): void {
  const next2 = next + next
  const next3 = next + next2
  let t: u32 = 0
  for (; t + 4 <= terms; t += 4) {
    let to = target
    for (let q = p, end = p + ((<usize>cols) << 2); q < end; q += 2 * sizeof<Vec>()) {
      store<Vec>(to, load<Vec>(q))
      store<Vec>(to, load<Vec>(q, sizeof<Vec>()), sizeof<Vec>())
      store<Vec>(to, load<Vec>(q + next), 2 * sizeof<Vec>())
      store<Vec>(to, load<Vec>(q + next, sizeof<Vec>()), 3 * sizeof<Vec>())
      store<Vec>(to, load<Vec>(q + next2), 4 * sizeof<Vec>())
      store<Vec>(to, load<Vec>(q + next2, sizeof<Vec>()), 5 * sizeof<Vec>())
      store<Vec>(to, load<Vec>(q + next3), 6 * sizeof<Vec>())
      store<Vec>(to, load<Vec>(q + next3, sizeof<Vec>()), 7 * sizeof<Vec>())
      to += panel
    }
    p += next2 + next2
    target += 8 * sizeof<Vec>()
  }
  for (; t < terms; t++) {
    copyTerm(cols, p, panel, target)
    p += next
    target += 2 * sizeof<Vec>()
  }
}

/** A panel of B transposed: as many rows as a panel has columns, `step` bytes apart, their terms side by side. */
function turnPanel(terms: u32, p: usize, step: usize, target: usize): void {
  const NR = tileCols()
  const L = lanes()
  let t: u32 = 0
  if (isVector<Vec>()) {
    for (; t + L <= terms; t += L) {
      for (let half: usize = 0; half < 2 * sizeof<Vec>(); half += sizeof<Vec>()) {
        const q = p + half * (step >> 2)
        const q2 = q + 2 * step
        Lanes.storeColumns(target + half, load<Vec>(q), load<Vec>(q + step), load<Vec>(q2), load<Vec>(q2 + step))
      }
      p += sizeof<Vec>()
      target += (2 * sizeof<Vec>() * sizeof<Vec>()) / 4
    }
  }
  pack(NR, NR, terms - t, p, step, 4, target)
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
  const packedB = scratch + PACKED_B
  const NR = tileCols()

  if (k == 0 && !accumulate) {
    for (let i: u32 = 0; i < m; i++) memory.fill(c + <usize>i * row, 0, (<usize>n) << 2)
    return
  }
  if (n == 1 && k <= TERMS && bNext == 4 && aNext == 4) {
    for (let i: u32 = 0; i < m; i++) {
      const sum = <f32>dot(k, a, b)
      store<f32>(c, accumulate ? load<f32>(c) + sum : sum)
      a += aStep
      c += row
    }
    return
  }
  if (n == 1 && k <= TERMS && aStep == 4 && row == 4) {
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
    for (let pc: u32 = 0; pc < k; pc += TERMS) {
      const kc = min<u32>(TERMS, k - pc)
      const bBlock = b + <usize>jc * bStep + <usize>pc * bNext
      const panel = <usize>kc * 2 * sizeof<Vec>()
      const whole = nc - (nc % NR)
      const isPlain = bStep == 4 && (m <= FEW_ROWS || <usize>kc * bNext <= IN_PLACE)
      // Where rows share a page, some panels at a time: writing to all in turn takes more pages than the CPU keeps at hand.
      const group: u32 = bNext <= 2048 ? 32 : NC
      for (let j: u32 = 0; bStep == 4 && !isPlain && j < whole; j += group) {
        const to = packedB + <usize>(j / NR) * panel
        copyPanels(kc, min<u32>(group, whole - j), bBlock + ((<usize>j) << 2), bNext, panel, to)
      }
      for (let j: u32 = bStep == 4 ? whole : 0; j < nc; j += NR) {
        const from = bBlock + <usize>j * bStep
        const to = packedB + <usize>(j / NR) * panel
        if (j < whole) turnPanel(kc, from, bStep, to)
        else pack(nc - j, NR, kc, from, bStep, bNext, to)
      }
      const at = (<usize>jc) << 2
      block(
        m,
        nc,
        kc,
        a + <usize>pc * aNext,
        aStep,
        aNext,
        isPlain ? bBlock : packedB,
        isPlain ? bNext : 2 * sizeof<Vec>(),
        isPlain ? 2 * sizeof<Vec>() : panel,
        packedB + <usize>(whole / NR) * panel,
        accumulate || pc > 0 ? c + at : 0,
        row,
        c + at,
        row,
        scratch,
        -Infinity,
      )
    }
  }
}
