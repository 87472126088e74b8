/** Starts a backend of TensorFlow.js in Node. */
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { Missing } from './shared.mjs'

const require = createRequire(import.meta.url)
const tf = require('@tensorflow/tfjs')

/** cpu, wasm, or threads: wasm with as many threads as there are cores. */
export async function begin(variant) {
  tf.enableProdMode()
  if (variant === 'cpu') return void (await tf.setBackend('cpu'))
  const wasm = require('@tensorflow/tfjs-backend-wasm')
  wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'))}/dist/`)
  if (variant === 'threads') throw new Missing('its threads do not start in Node')
  await tf.setBackend('wasm')
  if (!(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'))) throw new Missing('no SIMD here')
}
