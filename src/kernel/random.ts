import { Random } from '../core/random.ts'
import { kernel } from './kernel.ts'

/** Fills `out` with draws from the normal distribution, the same for a seed in every engine. Units: those of mean and std. */
export function normals(seed: number, out: Float32Array | Float64Array, mean = 0, std = 1): void {
  const { kernels, memory } = kernel()
  const state = memory.alloc(16)
  const at = memory.alloc(out.length * 4)
  try {
    memory.u32(state, 4).set(new Random(seed).state)
    kernels.normal(out.length, at, state, mean, std)
    out.set(memory.f32(at, out.length))
  } finally {
    memory.free(at)
    memory.free(state)
  }
}
