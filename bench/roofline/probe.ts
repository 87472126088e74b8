import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Block, OnKernel } from '../workload.ts'

/** Loops that only read, and loops that only calculate; the best of each kind is the limit. */
const READERS = ['readOnce', 'readFour', 'readAhead'] as const
const CALCULATORS = { multiplyAdd: 96, multiplyAndAdd: 48 } as const

type Reader = (typeof READERS)[number]
type Calculator = keyof typeof CALCULATORS

type Exports = Record<Reader, (bytes: number, p: number) => number> &
  Record<Calculator, (steps: number, by: number, plus: number) => number>

/** Bytes that `readFour` reads at a time. */
const GRAIN = 512

/** Compiles assembly/index.ts as the kernel's variant is compiled. */
export async function compileProbe(variant: 'simd' | 'relaxed'): Promise<WebAssembly.Module> {
  const asc = [
    'node_modules/assemblyscript/bin/asc.js',
    '--config',
    'bench/roofline/asconfig.json',
    '--target',
    variant,
  ]
  await promisify(execFile)(process.execPath, asc)
  return new WebAssembly.Module(await readFile(`node_modules/.cache/lanefit/roofline/${variant}.wasm`))
}

/** What the machine can do, measured by wasm of the same engine and the same lanes as the kernels. */
export class Probe {
  readonly #exports: Exports

  /** On the kernels' own memory: where pages lie physically is a factor of 2 on some machines. */
  constructor(module: WebAssembly.Module, memory: WebAssembly.Memory) {
    this.#exports = new WebAssembly.Instance(module, { env: { memory, abort() {} } }).exports as Exports
  }

  /** Reads these blocks, each up to a whole grain, by the loop that is fastest at it. */
  reader(blocks: readonly Block[]): OnKernel & { readonly bytes: number } {
    const whole = blocks.map(({ at, bytes }) => ({ at, bytes: bytes - (bytes % GRAIN) }))
    const all = (name: Reader) => () => {
      let any = 0
      for (const { at, bytes } of whole) any |= this.#exports[name](bytes, at)
      return any
    }
    const read = fastest(READERS.map(all))
    let any = 0
    return {
      bytes: whole.reduce((sum, { bytes }) => sum + bytes, 0),
      run: () => {
        any = read()
      },
      answer: () => [any],
    }
  }

  /** Does `flops` multiplications and additions, rounded to whole steps, by the loop that is fastest at it. */
  calculator(flops: number, only?: Calculator): OnKernel & { readonly flops: number } {
    const names = only ? [only] : (Object.keys(CALCULATORS) as Calculator[])
    const steps = Math.max(1, Math.round(flops / 96))
    const calculate = fastest(
      names.map((name) => {
        const of = (steps * 96) / CALCULATORS[name]
        return () => this.#exports[name](of, 1, 0)
      }),
    )
    let any = 0
    return {
      flops: steps * 96,
      run: () => {
        any = calculate()
      },
      answer: () => [any],
    }
  }
}

/** Which of these takes the least time: of several turns each, as long as they fill 10 ms or so. */
function fastest(loops: readonly (() => number)[]): () => number {
  const least = loops.map(() => Number.POSITIVE_INFINITY)
  for (const loop of loops) for (let i = 0; i < 5; i++) loop()
  const begin = performance.now()
  loops[0]!()
  const calls = Math.max(1, Math.ceil(1 / Math.max(1e-4, performance.now() - begin)))
  for (let turn = 0; turn < 8; turn++) {
    for (const [i, loop] of loops.entries()) {
      const start = performance.now()
      for (let call = 0; call < calls; call++) loop()
      least[i] = Math.min(least[i]!, performance.now() - start)
    }
  }
  return loops[least.indexOf(Math.min(...least))]!
}
