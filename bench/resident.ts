import { chunkRowsOf, kernel, Matrix, type Pointer, type RowRun } from '../src/kernel/index.ts'

/** Blocks of kernel memory that go back together. */
export class Blocks {
  readonly #pointers: Pointer[] = []

  bytes(count: number): Pointer {
    const pointer = kernel().memory.alloc(count)
    this.#pointers.push(pointer)
    return pointer
  }

  floats(values: Float32Array): Pointer {
    const pointer = this.bytes(values.byteLength)
    kernel().memory.f32(pointer, values.length).set(values)
    return pointer
  }

  integers(values: Uint32Array): Pointer {
    const pointer = this.bytes(values.byteLength)
    kernel().memory.u32(pointer, values.length).set(values)
    return pointer
  }

  free(): void {
    for (const pointer of this.#pointers) kernel().memory.free(pointer)
    this.#pointers.length = 0
  }
}

/** X in kernel memory, and the runs of rows that passes over it go by: a chunk each, as fits do. */
export function residentMatrix(data: { X: Float32Array; rows: number; cols: number }): { X: Matrix; runs: RowRun[] } {
  const X = Matrix.from({ data: data.X, rows: data.rows, cols: data.cols })
  return { X, runs: [...X.slabs.runs(0, X.rows, chunkRowsOf(X.stride))] }
}
