import { describe, expect, test } from 'vitest'
import { ACTIVATION } from '../../src/kernel/activations.ts'
import type { Kernel } from '../../src/kernel/kernel.ts'
import { NULL } from '../../src/kernel/pointer.ts'
import { exp, log1p, sigmoid, ulps as ulpsFrom } from '../reference/pointwise.ts'
import { inArena } from './arena.ts'
import { expectSameBits } from './expect-close.ts'
import { Samples, SIZES } from './samples.ts'
import { forEachVariant } from './variants.ts'

/**
 * The bounds that assembly/math.ts states, in ulp: against Math in float64, whose own error is at most 1 ulp of
 * float64. Measured on every 97th float32: exp 0.97 (relaxed 1.004), log1p 0.81, sigmoid 2.29, tanh 1.48.
 */
const BOUNDS = { exp: 1.1, log1p: 0.9, sigmoid: 2.5, tanh: 2 } as const
type Name = keyof typeof BOUNDS
const NAMES = Object.keys(BOUNDS) as Name[]
const REFERENCE = { exp, log1p, sigmoid, tanh: Math.tanh }

const INF = Number.POSITIVE_INFINITY
/** Bit patterns around which every float32 is tried: 0, 1, 2^-24, where exp overflows, becomes denormal, becomes 0 ... */
const CENTERS = [
  0,
  2 ** -126,
  2 ** -24,
  0.5,
  Math.SQRT2 - 1,
  1,
  2,
  17.3287,
  87.3365,
  88.7228,
  103.972,
  3.4028234e38,
  INF,
]
const NEAR = 1000

function patterns(): Uint32Array {
  const float = new Float32Array(1)
  const bits = new Uint32Array(float.buffer)
  const all: number[] = []
  for (let pattern = 0; pattern < 2 ** 32; pattern += 4099) all.push(pattern)
  for (const center of CENTERS.flatMap((c) => [c, -c])) {
    float[0] = center
    for (let d = -NEAR; d <= NEAR; d++) all.push(bits[0]! + d)
  }
  return Uint32Array.from(all)
}

const swept = new Float32Array(patterns().buffer)

function run(kernel: Kernel, name: Name, x: Float32Array): Float32Array {
  if (name === 'tanh') return tanh(kernel, x)
  return inArena(kernel, (arena) => {
    const y = arena.room(x.byteLength)
    kernel.kernels[name](x.length, arena.input(x), y)
    return arena.f32(y, x.length)
  })
}

/** tanh has no export of its own: a network of one neuron computes tanh(1 x + 0) * 1 + 0. */
function tanh(kernel: Kernel, x: Float32Array): Float32Array {
  const BATCH = 1024
  const X = new Float32Array(4 * x.length)
  for (let i = 0; i < x.length; i++) X[4 * i] = x[i]!
  return inArena(kernel, (arena) => {
    const { kernels } = kernel
    const sizes = arena.input(Uint32Array.of(1, 1, 1))
    const [mean, scale] = [arena.input(new Float32Array(4)), arena.input(Float32Array.of(1, 0, 0, 0))]
    const [at, params] = [arena.input(X), arena.input(Float32Array.of(1, 0, 1, 0))]
    const y = arena.room(x.byteLength)
    const scratch = arena.room(kernels.mlpScratchBytes(BATCH, 4, 2, sizes))
    kernels.mlpForward(x.length, BATCH, 2, sizes, at, 4, mean, scale, params, y, scratch, NULL, ACTIVATION.tanh, 0)
    return arena.f32(y, x.length)
  })
}

forEachVariant((kernel) => {
  test.each(NAMES)('%s is within its bound over the whole float32 range', (name) => {
    const y = run(kernel, name, swept)
    let worst = { ulps: 0, x: 0, y: 0 }
    for (let i = 0; i < swept.length; i++) {
      const ulps = ulpsFrom(y[i]!, REFERENCE[name](swept[i]!))
      if (ulps > worst.ulps) worst = { ulps, x: swept[i]!, y: y[i]! }
    }
    expect(worst.ulps, `at x = ${worst.x}: ${worst.y}`).toBeLessThanOrEqual(BOUNDS[name])
    // If it were much better than stated, the statement would be stale.
    expect(worst.ulps).toBeGreaterThan(BOUNDS[name] / 2)
  })

  test.each<[Name, number, number]>([
    ['exp', 0, 1],
    ['exp', -0, 1],
    ['exp', INF, INF],
    ['exp', -INF, 0],
    ['exp', 88.73, INF],
    ['exp', -104, 0],
    ['exp', Number.NaN, Number.NaN],
    ['log1p', 0, 0],
    ['log1p', 1e-45, 1e-45],
    ['log1p', -1, -INF],
    ['log1p', -1.0000001, Number.NaN],
    ['log1p', -INF, Number.NaN],
    ['log1p', INF, INF],
    ['log1p', Number.NaN, Number.NaN],
    ['sigmoid', 0, 0.5],
    ['sigmoid', -0, 0.5],
    ['sigmoid', INF, 1],
    ['sigmoid', -INF, 0],
    ['sigmoid', Number.NaN, Number.NaN],
    ['tanh', 0, 0],
    ['tanh', INF, 1],
    ['tanh', -INF, -1],
    ['tanh', 20, 1],
    ['tanh', Number.NaN, Number.NaN],
  ])('%s(%f) is exactly %f', (name, x, expected) => {
    // Five of them: four lanes and a tail.
    const y = run(kernel, name, new Float32Array(5).fill(x))
    expect([...y]).toEqual(new Array(5).fill(Math.fround(expected)))
  })

  describe.each(NAMES)('%s', (name) => {
    test('a value does not depend on its place, and in place works too', () => {
      for (const n of SIZES) {
        const x = new Samples(n).uniform(n, -20, 20)
        const whole = run(kernel, name, x)
        const one = Float32Array.from(x, (value) => run(kernel, name, Float32Array.of(value))[0]!)
        expectSameBits(one, whole)
        if (name === 'tanh') continue
        const inPlace = inArena(kernel, (arena) => {
          const at = arena.inout(x, 4)
          kernel.kernels[name](n, at, at)
          return arena.f32(at, n)
        })
        expectSameBits(inPlace, whole)
      }
    })
  })
  test('sigmoidPairs has the bits of sigmoid on both sides, at any length and place', () => {
    const edges = [0, -0, INF, -INF, Number.NaN, 90, -90, 104, -104]
    for (const n of SIZES) {
      const z = new Samples(n).uniform(n, -20, 20)
      z.set(edges.slice(0, n))
      const pairs = inArena(kernel, (arena) => {
        const out = arena.room(n * 8, 4)
        kernel.kernels.sigmoidPairs(n, arena.input(z, 4), out)
        return arena.f32(out, 2 * n)
      })
      const negative = run(
        kernel,
        'sigmoid',
        z.map((value) => -value),
      )
      const positive = run(kernel, 'sigmoid', z)
      const expected = Float32Array.from({ length: 2 * n }, (_, i) => (i % 2 ? positive : negative)[i >> 1]!)
      // Engines differ in the sign of a NaN.
      const canonical = (values: Float32Array) => values.map((value) => (Number.isNaN(value) ? Number.NaN : value))
      expectSameBits(canonical(pairs), canonical(expected))
    }
  })
})
