import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Line } from './result.ts'

interface Page {
  readonly contender: string
  /** What a page that trains and predicts (or, of onnxruntime-web, only predicts) imports. */
  readonly code: string
  /** What it downloads beside the bundle, from node_modules. */
  readonly files?: readonly string[]
}

const TF = '@tensorflow/tfjs'
const WASM = `${TF}-backend-wasm/dist/tfjs-backend-wasm-simd.wasm`
/** What a logistic regression by hand takes; kernels of a backend come all together. */
const OPERATIONS = 'tensor2d, variable, matMul, sigmoid, sub, mul, mean, tidy, zeros, train, setBackend'

const pages: readonly Page[] = [
  { contender: 'lanefit', code: `export { LogisticRegression } from '${resolve('dist/index.js')}'` },
  {
    contender: 'JavaScript, plain',
    code: `export { logisticGradient, predictOne } from '${resolve('bench/baselines/plain.ts')}'`,
  },
  { contender: 'tfjs, cpu', code: `import '${TF}-backend-cpu'; export { ${OPERATIONS} } from '${TF}-core'` },
  {
    contender: 'tfjs, cpu, layers',
    code: `import '${TF}-backend-cpu'; export { tensor2d } from '${TF}-core'; export { sequential, layers } from '${TF}-layers'`,
  },
  {
    contender: 'tfjs, wasm',
    code: `export { setWasmPaths } from '${TF}-backend-wasm'; export { ${OPERATIONS} } from '${TF}-core'`,
    files: [WASM],
  },
  {
    contender: 'onnxruntime-web, inference',
    code: "export { InferenceSession, Tensor } from 'onnxruntime-web/wasm'",
    files: ['onnxruntime-web/dist/ort-wasm-simd-threaded.wasm'],
  },
  { contender: 'ml-matrix', code: "export { Matrix } from 'ml-matrix'" },
  {
    contender: 'ml-logistic-regression',
    code: "export { default as LogisticRegression } from 'ml-logistic-regression'; export { Matrix } from 'ml-matrix'",
  },
  // Its own build for browsers: its sources want Node's streams.
  { contender: 'brain.js', code: "import 'brain.js/browser.min.js'" },
  {
    contender: 'stdlib',
    code: "export { default as incr } from '@stdlib/ml-incr-binary-classification'; export { default as ndarray } from '@stdlib/ndarray-ctor'",
  },
]

/** Minified and gzipped bytes of what a page downloads, wasm files included. */
export async function footprint(): Promise<Line[]> {
  const require = createRequire(resolve('bench/rivals/package.json'))
  const lines: Line[] = []
  for (const { contender, code, files = [] } of pages) {
    const line = {
      workload: 'footprint',
      contender,
      rival: contender.replace(/,.*/, ''),
      threads: 1,
      unit: 'kB',
    } as const
    try {
      const { build } = require('esbuild') as typeof import('esbuild')
      const { outputFiles } = await build({
        stdin: { contents: code, resolveDir: resolve('bench/rivals') },
        bundle: true,
        minify: true,
        write: false,
        format: 'esm',
        platform: 'browser',
        target: 'es2022',
        legalComments: 'none',
        logLevel: 'silent',
        define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
        // What lanefit loads when it is asked for: kernel variants, training in a worker or by batches.
        external: ['./kernel/*', './models/*', './worker/*', './worker.js'],
      })
      const parts = [
        outputFiles![0]!.contents,
        ...files.map((file) => readFileSync(resolve('bench/rivals/node_modules', file))),
      ]
      const kB = parts.reduce((sum, bytes) => sum + gzipSync(bytes, { level: 9 }).length, 0) / 1000
      const time = { min: kB, median: kB, max: kB }
      const note = files.length ? 'with its wasm file' : undefined
      lines.push({ ...line, status: 'timed', time, ...(note && { note }) })
    } catch (error) {
      const [why] = (error as Error).message.split('\n').slice(-1)
      lines.push({ ...line, status: 'failed', note: `cannot be bundled: ${why}` })
    }
  }
  const own = lines[0]?.time?.median
  return lines.map((line) => {
    if (!own || !line.time || line.contender === 'lanefit') return line
    const ratio = line.time.median / own
    return { ...line, ratio: { min: ratio, median: ratio, max: ratio } }
  })
}
