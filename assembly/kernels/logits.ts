import { Loss } from '../losses'
import { Wide } from '../wide'
import { BLOCK, placeTargets, residualTile, TILE } from './linear'
import { softmaxTile, TOPS } from './softmax'

/**
 * What becomes of a network's logits, rows x k float32: probabilities, or the loss and its gradient in them. Softmax works
 * on tiles of 16 rows that lie class by class (softmax.ts), so that no sum crosses lanes: rows go there and back.
 */

/* scratch: y[16] f32 | s[16] f32 | loss lanes [4] f64 | softmaxTile's | zeros [k, up to a multiple of 4] f32 | tile [k][16] f32 */
const S_TILE: usize = 64
const LOSS_LANES: usize = 128
const ZEROS: usize = 160 + TOPS
const TILE_BYTES: usize = 64

/** Bytes of scratch for rows of k logits. */
export function softmaxRowsScratchBytes(k: u32): u32 {
  return <u32>ZEROS + 4 * ((k + 3) & ~3) + <u32>TILE_BYTES * k
}

/** Where the tile is. */
function tileOf(k: u32, scratch: usize): usize {
  return scratch + ZEROS + ((<usize>((k + 3) & ~3)) << 2)
}

/** `m` rows of k logits into the tile, or back; rows that are missing are 0 there. */
function turn(m: u32, k: u32, rows: usize, tile: usize, back: bool): void {
  const row = (<usize>k) << 2
  for (let c: u32 = 0; c < k; c++) {
    let at = rows + ((<usize>c) << 2)
    let i: usize = 0
    for (const end = (<usize>m) << 2; i < end; i += 4) {
      if (back) store<f32>(at, load<f32>(tile + i))
      else store<f32>(tile + i, load<f32>(at))
      at += row
    }
    if (!back) memory.fill(tile + i, 0, TILE_BYTES - i)
    tile += TILE_BYTES
  }
}

/** Softmax of a tile whose y and s are in place. */
function softmaxOf(m: u32, k: u32, z: usize, scratch: usize): void {
  const tile = tileOf(k, scratch)
  turn(m, k, z, tile, false)
  softmaxTile(k, tile, scratch + ZEROS, scratch, scratch + S_TILE, scratch + LOSS_LANES)
  turn(m, k, z, tile, true)
}

/** Turns rows of k logits into probabilities, in place. scratch softmaxRowsScratchBytes(k). */
export function softmaxRows(rows: u32, k: u32, z: usize, scratch: usize): void {
  memory.fill(scratch + LOSS_LANES, 0, tileOf(k, 0) - LOSS_LANES)
  for (let i: usize = 0; i < TILE_BYTES; i += 4) {
    store<f32>(scratch + i, -1) // no class: nothing is taken off the probabilities
    store<f32>(scratch + S_TILE + i, 1)
  }
  for (let i: u32 = 0; i < rows; i += TILE) softmaxOf(min<u32>(TILE, rows - i), k, z + ((<usize>i * k) << 2), scratch)
}

/**
 * Turns rows of logits into s (p - t); returns the sum of s times the losses. k = 1: sigmoid cross-entropy with y in
 * {0, 1}, where behind the last row of z, y and s there is room up to a multiple of 4; k > 1: y a class number.
 */
export function residualRows(rows: u32, k: u32, z: usize, y: usize, s: usize, scratch: usize): f64 {
  memory.fill(scratch, 0, tileOf(k, 0))
  if (k > 1) {
    for (let i: u32 = 0; i < rows; i += TILE) {
      const m = min<u32>(TILE, rows - i)
      const at = (<usize>i) << 2
      placeTargets(m, TILE, y + at, s + at, scratch, scratch + S_TILE)
      softmaxOf(m, k, z + at * k, scratch)
    }
    return Wide.sum(scratch + LOSS_LANES)
  }
  for (let i = rows; i & 3; i++) {
    const at = (<usize>i) << 2
    store<f32>(z + at, 0)
    store<f32>(y + at, 0)
    store<f32>(s + at, 0)
  }
  for (let i: u32 = 0; i < rows; i += BLOCK) {
    const at = (<usize>i) << 2
    residualTile(
      Loss.Logistic,
      min<u32>(BLOCK, rows - i),
      z + at,
      0,
      y + at,
      s + at,
      scratch + LOSS_LANES,
      scratch,
      scratch + S_TILE,
    )
  }
  return Wide.sum(scratch + LOSS_LANES)
}
