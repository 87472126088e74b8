import { describe, expect, test } from 'vitest'
import type { Kernel } from '../../src/kernel/kernel.ts'
import { OPTIMIZER } from '../../src/kernel/optimizers.ts'
import { Optimized, type OptimizerName, type UpdateSettings } from '../reference/updates.ts'
import { inArena } from './arena.ts'
import { expectClose, expectSameBits } from './expect-close.ts'
import { Samples, SIZES } from './samples.ts'
import { settingsOf } from './settings.ts'
import { forEachVariant } from './variants.ts'

const NAMES = Object.keys(OPTIMIZER) as OptimizerName[]
const STEPS = 5
const SETTINGS: UpdateSettings = { rate: 0.05, first: 0.9, second: 0.99, epsilon: 1e-6, decay: 0.1 }

/** The parameters after a step for each gradient, and the settings. */
function run(kernel: Kernel, name: OptimizerName, p: Float32Array, gradients: Float32Array[], settings = SETTINGS) {
  return inArena(kernel, (arena) => {
    const n = p.length
    // Off the alignment, as behind the weights of a layer.
    const at = arena.inout(p, 4)
    const [m, v] = [arena.inout(new Float32Array(n), 8), arena.inout(new Float32Array(n), 12)]
    const options = arena.inout(settingsOf(settings))
    for (const g of gradients) kernel.kernels.update(OPTIMIZER[name], n, at, arena.input(g, 4), m, v, options)
    return { p: arena.f32(at, n), m: arena.f32(m, n), v: arena.f32(v, n), settings: arena.f64(options, 7) }
  })
}

forEachVariant((kernel) => {
  describe.each(NAMES)('%s', (name) => {
    test('several steps are those of float64, at every tail', () => {
      for (const n of [...SIZES, 2, 6, 7]) {
        const samples = new Samples(n)
        const p = samples.uniform(n)
        const gradients = Array.from({ length: STEPS }, () => samples.uniform(n))
        const expected = new Optimized(p)
        for (const g of gradients) expected.step(name, g, SETTINGS)
        const actual = run(kernel, name, p, gradients)
        // Steps are at most rate * 5 long: 1e-6 is float32's rounding of them, and a hundredth of what one term is.
        expectClose(actual.p, expected.p, () => 1e-6)
        expectClose(actual.m, expected.m, () => 1e-6)
        expectClose(actual.v, expected.v, () => 1e-6)
      }
    })

    test('a parameter does not depend on its place', () => {
      const samples = new Samples(1)
      const p = samples.uniform(23)
      const gradients = Array.from({ length: STEPS }, () => samples.uniform(23))
      const whole = run(kernel, name, p, gradients)
      for (const from of [1, 5, 22]) {
        const part = run(
          kernel,
          name,
          p.slice(from),
          gradients.map((g) => g.slice(from)),
        )
        expectSameBits(part.p, whole.p.slice(from))
      }
    })

    test('a NaN in the gradient stays one', () => {
      const { p } = run(kernel, name, new Float32Array(5), [new Float32Array(5).fill(Number.NaN)])
      expect([...p]).toEqual(new Array(5).fill(Number.NaN))
    })
  })

  test.each(['adam', 'adamw'] as const)('%s: powers grow by a product a step', (name) => {
    const { settings } = run(kernel, name, new Float32Array(3), new Array(4).fill(new Float32Array(3)))
    const { rate, first, second, epsilon, decay } = SETTINGS
    const power = (x: number) => x * x * x * x
    expectClose(settings, [rate, first, second, epsilon, decay, power(first), power(second)], () => 1e-15)
  })

  test.each(['sgd', 'momentum', 'nesterov'] as const)('%s leaves the powers alone', (name) => {
    const { settings } = run(kernel, name, new Float32Array(3), [new Float32Array(3)])
    expect([...settings].slice(5)).toEqual([1, 1])
  })

  test("Adam's first step is the rate in every coordinate, whatever the gradient's size", () => {
    const g = Float32Array.of(1e-3, -1e3, 1e6, -1e-2, 7)
    const { p } = run(kernel, 'adam', new Float32Array(5), [g], { ...SETTINGS, epsilon: 1e-12 })
    expectClose(
      p,
      g.map((x) => -SETTINGS.rate * Math.sign(x)),
      () => 1e-7,
    )
  })
})
