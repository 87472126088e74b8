import { describe } from 'vitest'
import type { Kernel } from '../../src/kernel/kernel.ts'
import { loadFactory } from '../../src/kernel/load-factory.ts'
import { Memory } from '../../src/kernel/memory.ts'
import { VARIANTS, type Variant, whyNot } from '../../src/kernel/variants.ts'

/** A fresh instance of a variant, with a memory of its own. */
export async function startVariant(variant: Variant): Promise<Kernel> {
  const kernels = (await loadFactory(variant)).create()
  return { variant, kernels, memory: new Memory(kernels, variant) }
}

const runnable = VARIANTS.filter((variant) => whyNot(variant) === undefined)
const started = await Promise.all(runnable.map(startVariant))

/** Runs a suite for every variant that this engine can run: simd, scalar and js everywhere, relaxed where there is it. */
export function forEachVariant(suite: (kernel: Kernel) => void): void {
  for (const kernel of started) describe(kernel.variant, () => suite(kernel))
}
