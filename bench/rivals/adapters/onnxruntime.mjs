/** onnxruntime-web on its wasm backend: inference only, of a model of Gemm and Sigmoid. Variants: wasm, threads. */
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { Missing } from './shared.mjs'

const ort = await import('onnxruntime-web')

/** sigmoid(X w + b) in ONNX's binary format, X of any number of rows. */
function modelOf(cols, w) {
  const { onnx } = createRequire(import.meta.url)('onnx-proto')
  const FLOAT = onnx.TensorProto.DataType.FLOAT
  const tensor = (name, dims, values) => {
    const rawData = new Uint8Array(Float32Array.from(values).buffer)
    return onnx.TensorProto.create({ name, dims, dataType: FLOAT, rawData })
  }
  const value = (name, width) => ({
    name,
    type: { tensorType: { elemType: FLOAT, shape: { dim: [{ dimParam: 'rows' }, { dimValue: width }] } } },
  })
  const graph = {
    name: 'logistic',
    node: [
      { opType: 'Gemm', input: ['X', 'w', 'b'], output: ['z'] },
      { opType: 'Sigmoid', input: ['z'], output: ['p'] },
    ],
    initializer: [tensor('w', [cols, 1], w.subarray(0, cols)), tensor('b', [1], w.subarray(cols))],
    input: [value('X', cols)],
    output: [value('p', 1)],
  }
  const model = { irVersion: 7, opsetImport: [{ domain: '', version: 13 }], graph }
  return onnx.ModelProto.encode(onnx.ModelProto.fromObject(model)).finish()
}

async function session(cols, w, variant) {
  ort.env.wasm.numThreads = variant === 'threads' ? availableParallelism() : 1
  ort.env.logLevel = 'error'
  const made = await ort.InferenceSession.create(modelOf(cols, w), { executionProviders: ['wasm'] })
  if (variant === 'threads' && !(ort.env.wasm.numThreads > 1)) throw new Missing('its threads do not start here')
  return made
}

const probaOf = async (made, X, dims) => {
  const { p } = await made.run({ X: new ort.Tensor('float32', X, dims) })
  return p.data
}

export default {
  async predict({ rows, cols }, { X, w }, variant) {
    const made = await session(cols, w, variant)
    let proba
    const run = async () => {
      proba = await probaOf(made, X, [rows, cols])
    }
    return { run, answer: () => proba, note: 'copies X in at every call' }
  },

  async one({ rows, cols }, data, variant) {
    const made = await session(cols, data.w, variant)
    const list = data.rows()
    const p = new Float64Array(rows)
    const run = async () => {
      for (let i = 0; i < rows; i++) p[i] = (await probaOf(made, Float32Array.from(list[i]), [1, cols]))[0]
    }
    return { run, answer: () => p }
  },

  async cold({ cols }, { X, w }, variant) {
    return (await probaOf(await session(cols, w, variant), X.subarray(0, cols), [1, cols]))[0]
  },
}
