/** Starts a backend of TensorFlow.js in Node. */
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { Missing } from './shared.mjs'

const require = createRequire(import.meta.url)
const tf = require('@tensorflow/tfjs')

/** cpu, wasm, or threads: wasm with as many threads as there are cores. */
export async function begin(variant) {
  tf.enableProdMode()
  if (variant === 'cpu') return void (await tf.setBackend('cpu'))
  const wasm = require('@tensorflow/tfjs-backend-wasm')
  wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'))}/dist/`)
  if (variant === 'threads') {
    letWorkersStart()
    wasm.setThreadsCount(availableParallelism())
  }
  await tf.setBackend('wasm')
  if (!(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'))) throw new Missing('no SIMD here')
  if (variant === 'threads' && !(wasm.getThreadsCount() > 1)) throw new Missing('its threads do not start here')
}

/** What the bundle around the script of a worker has, and the worker has not. */
const PRELUDE = `URL.createObjectURL = String
Object.assign(globalThis, { require$$0: require('fs'), require$$1: require('path'), require$$3: require('perf_hooks') })
Object.assign(globalThis, { require$$4: require('os'), commonjsGlobal: globalThis, __dirname: '.', __filename: 'worker.js' })
`

/**
 * Its authors switch threads off in Node, because the scripts of its workers are Blobs, which Node's workers do not read:
 * here they are files. A Blob stands for the name of its file, and so does its URL.
 */
function letWorkersStart() {
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', true)
  // It takes at most half of the cores: of twice as many, all.
  const os = require('node:os')
  const { cpus } = os
  os.cpus = () => [...cpus(), ...cpus()]
  const folder = process.argv[4]
  let files = 0
  // An object that reaches a worker as it is, and there is asked for its URL.
  const save = (parts) => {
    const file = join(folder, `tfjs-${process.pid}-${files++}.cjs`)
    writeFileSync(file, PRELUDE + parts.join(''))
    return Object(file)
  }
  globalThis.Blob = function Blob(parts) {
    return save(parts)
  }
  URL.createObjectURL = String
}
