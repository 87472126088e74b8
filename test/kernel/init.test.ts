import { describe, expect, test } from 'vitest'
import { bytesOfText } from '../../src/kernel/byte-text.ts'
import { text as scalarText } from '../../src/kernel/generated/scalar.ts'
import { text as simdText } from '../../src/kernel/generated/simd.ts'
import { type InitOptions, init, kernel, kernelInfo, Matrix, MatrixBuilder } from '../../src/kernel/index.ts'
import { bytesOfHex, VARIANTS, type Variant, whyNot } from '../../src/kernel/variants.ts'
import { rowsOf } from './stored.ts'

const simdBytes = bytesOfText(simdText)
const runnable = VARIANTS.filter((variant) => whyNot(variant) === undefined)
const kernelError = (code: string, message = /./) =>
  expect.objectContaining({ name: 'KernelError', code, message: expect.stringMatching(message) })

/** More than decide the shift; the second column is shifted, the third constant. */
const rows = Array.from({ length: 1500 }, (_, i) => [i, 1e6 + i / 7, 3])

// The tests of this file follow each other: the kernel is one for the page.

test('importing loads nothing', () => {
  expect(kernelInfo()).toEqual({
    variant: undefined,
    reason: 'not loaded yet: it is on first use',
    threads: 1,
    threadsReason: 'one, unless init({ threads }) asks for more',
    liveBytes: 0,
    totalBytes: 0,
  })
})

test('first use loads simd', () => {
  using matrix = Matrix.from(rows)
  expect(kernelInfo()).toMatchObject({ variant: 'simd', reason: 'the default: the same bits in every engine' })
  expect(kernelInfo().liveBytes).toBe(1500 * matrix.stride * 4)
  expect(kernelInfo().totalBytes).toBeGreaterThan(kernelInfo().liveBytes)
})

test('init without options keeps what runs', async () => {
  const running = kernel()
  await init()
  await init({})
  expect(kernel()).toBe(running)
})

describe('bad options', () => {
  test.each<[unknown, typeof TypeError | typeof RangeError, string]>([
    [null, TypeError, 'init: expected an options object, got null'],
    ['simd', TypeError, 'init: expected an options object, got "simd"'],
    [{ varaint: 'simd' }, TypeError, 'init: unknown option "varaint"'],
    [{ variant: 1 }, TypeError, 'init: variant: expected one of simd, relaxed, scalar, js, got 1'],
    [{ variant: 'avx' }, RangeError, 'init: variant: expected one of simd, relaxed, scalar, js, got "avx"'],
    [{ module: simdBytes, url: 'x' }, TypeError, 'init: give module or url, not both'],
    [{ variant: 'js', module: simdBytes }, RangeError, 'init: the js variant has no WebAssembly module'],
    [{ module: 'x' }, TypeError, 'init: module: expected a WebAssembly.Module, bytes or a Response, got "x"'],
    [{ module: [0, 97, 115, 109] }, TypeError, 'got Array of length 4'],
  ])('%j', async (options, kind, message) => {
    const running = kernel()
    await expect(init(options as InitOptions)).rejects.toThrow(kind)
    await expect(init(options as InitOptions)).rejects.toThrow(message)
    expect(kernel()).toBe(running)
  })
})

describe('switching', () => {
  test.each<Variant>([...runnable, ...[...runnable].reverse()])('to %s moves the matrices', async (variant) => {
    const before = kernel()
    using first = Matrix.from(rows)
    using second = first.takeRows(Uint32Array.of(7, 1499))
    const contents = [rowsOf(first), rowsOf(second)]
    const { liveBytes } = kernelInfo()
    await init({ variant })
    expect(kernelInfo()).toMatchObject({ variant, liveBytes })
    if (variant === before.variant) {
      expect(kernel()).toBe(before)
    } else {
      expect(kernelInfo().reason).toMatch(/^asked for by init/)
      expect(before.memory.liveBytes).toBe(0)
    }
    expect(first.slabs.kernel).toBe(kernel())
    expect([rowsOf(first), rowsOf(second)]).toEqual(contents)
  })

  test('js says that it is slow', async () => {
    await init({ variant: 'js' })
    expect(kernelInfo().reason).toBe('asked for by init; this variant is slower than hand-written JavaScript')
    await init({ variant: 'simd' })
    expect(kernelInfo().reason).toBe('asked for by init')
  })

  test('is refused while a matrix is in use, even one that has been disposed', async () => {
    const matrix = Matrix.from(rows)
    const letGo = matrix.slabs.hold()
    const inUse = kernelError('IN_USE', /a fit or a prediction is running/)
    await expect(init({ variant: 'scalar' })).rejects.toThrow(inUse)
    matrix.dispose()
    await expect(init({ variant: 'scalar' })).rejects.toThrow(inUse)
    expect(kernelInfo()).toMatchObject({ variant: 'simd', liveBytes: 1500 * 16 })
    letGo()
    expect(kernelInfo().liveBytes).toBe(0)
    await init({ variant: 'scalar' })
    expect(kernelInfo()).toMatchObject({ variant: 'scalar', liveBytes: 0 })
    await init({ variant: 'simd' })
  })

  test('takes a builder along that is still being filled', async () => {
    const builder = new MatrixBuilder(3)
    const untouched = new MatrixBuilder(3)
    builder.appendRows(rows.slice(0, 1200))
    const reserving = builder.reserve(1e6)
    await init({ variant: 'scalar' })
    await reserving
    builder.appendRows(rows.slice(1200))
    untouched.appendRows(rows)
    using matrix = builder.finish()
    using other = untouched.finish()
    expect(matrix.slabs.kernel).toBe(kernel())
    expect(other.slabs.kernel).toBe(kernel())
    expect(rowsOf(matrix)).toEqual(rowsOf(other))
    expect(kernelInfo().liveBytes).toBe(2 * 1500 * 16)
    await init({ variant: 'simd' })
  })
})

describe('a kernel from outside', () => {
  const dataUrl = `data:application/wasm;base64,${btoa(String.fromCharCode(...simdBytes))}`

  test.each<[string, () => InitOptions | Parameters<typeof init>[0]]>([
    ['a compiled module', () => new WebAssembly.Module(simdBytes)],
    ['a compiled module as an option', () => ({ module: new WebAssembly.Module(simdBytes) })],
    ['bytes', () => ({ module: simdBytes })],
    ['a buffer', () => ({ module: simdBytes.buffer })],
    ['a response', () => ({ module: new Response(simdBytes) })],
    ['a URL', () => ({ url: new URL(dataUrl) })],
    ['a URL as text', () => ({ url: dataUrl, variant: 'simd' })],
    ['another variant', () => ({ module: bytesOfText(scalarText), variant: 'scalar' })],
  ])('%s', async (_, options) => {
    using matrix = Matrix.from([[1, 2]])
    await init(options())
    expect(kernelInfo().reason).toBe('the module given to init')
    expect(matrix.slabs.kernel).toBe(kernel())
    expect(rowsOf(matrix)).toEqual([[1, 2]])
  })

  // A memory, an alloc that traps above 4,096 bytes, a free that does nothing.
  const tiny = bytesOfHex(
    '0061736d01000000010a0260017f017f60017f000303020001050301000107190306' +
      '6d656d6f7279020005616c6c6f630000046672656500010a1302' +
      '0e002000418020' +
      '4b0440000b41100b02000b',
  )

  test.each<[string, InitOptions, RegExp]>([
    ['no WebAssembly', { module: Uint8Array.of(1, 2, 3) }, /cannot run: what was given cannot be compiled/],
    ['cut off', { module: simdBytes.subarray(0, 500) }, /cannot run: what was given cannot be compiled/],
    ['another module', { module: bytesOfHex('0061736d01000000') }, /the module is not a lanefit kernel/],
    [
      'a module that wants imports',
      { module: bytesOfHex('0061736d0100000001040160000002070101780179' + '0000') },
      /cannot run/,
    ],
    ['nothing there', { module: new Response('', { status: 404 }) }, /could not be fetched: HTTP status 404/],
    ['no such place', { url: 'http://127.0.0.1:9/kernel.wasm' }, /could not be fetched from http:/],
  ])('%s is refused, and what runs stays', async (_, options, message) => {
    const running = kernel()
    using matrix = Matrix.from(rows)
    await expect(init(options)).rejects.toThrow(kernelError('UNAVAILABLE', message))
    expect(kernel()).toBe(running)
    expect(matrix.row(5)[0]).toBe(5)
  })

  test('matrices move all or none', async () => {
    const running = kernel()
    using small = Matrix.from([[1, 2, 3]])
    using large = Matrix.from(rows)
    const { liveBytes, reason } = kernelInfo()
    await expect(init({ module: tiny })).rejects.toThrow(kernelError('OUT_OF_MEMORY'))
    expect(kernel()).toBe(running)
    expect(kernelInfo()).toMatchObject({ liveBytes, reason })
    expect(rowsOf(small)).toEqual([[1, 2, 3]])
    expect(large.slabs.kernel).toBe(running)
    small.permuteRows(Uint32Array.of(0))
  })
})

describe('an empty kernel', () => {
  const MIB = 2 ** 20

  test('of more than 64 MiB is dropped, a small one stays', () => {
    Matrix.from([[1]]).dispose()
    const { totalBytes } = kernelInfo()
    expect(totalBytes).toBeGreaterThan(0)
    const variant = kernelInfo().variant
    const large = Matrix.from({ data: new Float32Array(17 * MIB), rows: 17 * 1024, cols: 1024 })
    using small = Matrix.from([[1, 2]])
    large.dispose()
    expect(kernelInfo().totalBytes).toBeGreaterThan(64 * MIB)
    expect(rowsOf(small)).toEqual([[1, 2]])
    small.dispose()
    expect(kernelInfo()).toMatchObject({ variant, liveBytes: 0, totalBytes: 0 })
    using next = Matrix.from([[3, 4]])
    expect(rowsOf(next)).toEqual([[3, 4]])
    expect(kernelInfo().totalBytes).toBeLessThan(64 * MIB)
  })

  test('does not take a builder with it that has no memory yet', () => {
    const builder = new MatrixBuilder(2)
    Matrix.from({ data: new Float32Array(17 * MIB), rows: 17 * 1024, cols: 1024 }).dispose()
    expect(kernelInfo().totalBytes).toBe(0)
    builder.appendRows([[1, 2]])
    using matrix = builder.finish()
    expect(matrix.slabs.kernel).toBe(kernel())
    expect(kernelInfo().liveBytes).toBe(16)
    using copy = matrix.takeRows(Uint32Array.of(0, 0))
    expect(rowsOf(copy)).toEqual([
      [1, 2],
      [1, 2],
    ])
  })
})
