import type { Steps } from '../core/steps.ts'
import type { Kernel } from './kernel.ts'
import { at, type Pointer } from './pointer.ts'
import type { Job } from './pool-jobs.ts'
import { Workspace } from './workspace.ts'

/** A product of fewer multiply-adds stays on one thread. */
const LEAST_WORK = 2e6
/** Rows that tasks begin at multiples of: panels of 6 rows, and whole lane vectors, are those of the one call. */
const PANEL_ROWS = 12
/** A task has more rows than this: it packs B again. */
const LEAST_ROWS = 96
/** Columns of a task. Only a part of B that several tasks of other rows need is packed more than once. */
const COLUMNS = 512
/** Tasks of each thread: with two of them one may be late without the others waiting for long. */
const TASKS = 2
/** Which argument of the kernel's gemm is scratch, and room for two cache lines beside each thread's. */
const SCRATCH_AT = 9
const LINES = 128

/** C = op(A) op(B), or C += op(A) op(B): m x n with k terms a sum, float32, leading dimensions in elements. */
export interface Matmul {
  readonly m: number
  readonly n: number
  readonly k: number
  readonly a: Pointer
  readonly lda: number
  readonly b: Pointer
  readonly ldb: number
  readonly c: Pointer
  readonly ldc: number
  readonly transposeA?: boolean
  readonly transposeB?: boolean
  readonly accumulate?: boolean
}

/**
 * A matrix product in kernel memory, on all threads of the kernel where that is worth it: blocks of C side by side, each
 * with all of its terms in the order they have in one call, so that the bits are the same.
 */
export function* matmul(kernel: Kernel, product: Matmul): Steps<void> {
  const { kernels, memory, pool } = kernel
  const { m, n, k } = product
  using work = new Workspace(memory)
  const scratchBytes = Math.ceil(kernels.gemmScratchBytes() / LINES + 1) * LINES
  const isWorthIt = m * n * k >= LEAST_WORK
  const threads = pool && isWorthIt && (yield* pool.canRun()) ? pool.threads : 1
  const scratch = work.bytes(threads * scratchBytes)
  const tasks = blocksOf(m, n, threads).map((block) => argumentsOf(product, block, scratch))
  if (pool && tasks.length > 1) yield* pool.run({ name: 'gemm', tasks, scratchAt: SCRATCH_AT, scratchBytes })
  else kernels.gemm(...(argumentsOf(product, { row: 0, rows: m, col: 0, cols: n }, scratch) as unknown as Gemm))
}

type Gemm = Parameters<Kernel['kernels']['gemm']>

interface Block {
  readonly row: number
  readonly rows: number
  readonly col: number
  readonly cols: number
}

/** Blocks of C. The last takes the columns that are left: a single one would be another way through the kernel. */
function blocksOf(m: number, n: number, threads: number): Block[] {
  const across = threads === 1 ? 1 : Math.max(1, Math.floor(n / COLUMNS))
  const down = Math.max(1, Math.min(Math.ceil(m / LEAST_ROWS), Math.ceil((TASKS * threads) / across)))
  const step = threads === 1 ? m : Math.ceil(m / down / PANEL_ROWS) * PANEL_ROWS
  const blocks: Block[] = []
  for (let i = 0; i < across; i++) {
    const col = i * COLUMNS
    const cols = i === across - 1 ? n - col : COLUMNS
    for (let row = 0; row < m; row += step) blocks.push({ row, rows: Math.min(step, m - row), col, cols })
  }
  return blocks
}

function argumentsOf(product: Matmul, { row, rows, col, cols }: Block, scratch: Pointer): Job['tasks'][number] {
  const { k, a, lda, b, ldb, c, ldc, transposeA = false, transposeB = false, accumulate = false } = product
  return [
    rows,
    cols,
    k,
    at(a, row * (transposeA ? 1 : lda) * 4),
    lda,
    at(b, col * (transposeB ? ldb : 1) * 4),
    ldb,
    at(c, (row * ldc + col) * 4),
    ldc,
    scratch,
    Number(transposeA),
    Number(transposeB),
    Number(accumulate),
  ]
}
