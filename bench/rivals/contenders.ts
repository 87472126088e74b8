/** What a contender may be asked to do; see workloads.ts. */
export type Kind = 'gradient' | 'epoch' | 'rows' | 'network' | 'predict' | 'one' | 'fit' | 'softmax' | 'gemm' | 'cold'

/** A way in which a library does some of the work, in a process of its own. */
export interface Contender {
  /** Unique, as in 'scikit-learn lbfgs'. */
  readonly id: string
  /** The library: a column of the table, where the best of its ways counts. */
  readonly rival: string
  /** `adapters/NAME.mjs`, or `adapters/native_NAME.py`. */
  readonly adapter: string
  readonly variant: string
  readonly native: boolean
  readonly threads: 1 | 'all'
  readonly kinds: readonly Kind[]
}

/** Whom the others are compared with, by the number of threads. */
export const BASE = { 1: 'lanefit', all: 'lanefit, all threads' } as const

type Extra = Partial<Pick<Contender, 'threads' | 'native'>>

function contender(id: string, adapter: string, variant: string, kinds: readonly Kind[], extra: Extra = {}): Contender {
  const rival = id.replace(/,.*/, '')
  return { id, rival, adapter, variant, kinds, native: false, threads: 1, ...extra }
}

const linear: readonly Kind[] = ['gradient', 'epoch', 'predict']
const everything: readonly Kind[] = [
  'gradient',
  'epoch',
  'rows',
  'network',
  'predict',
  'one',
  'fit',
  'softmax',
  'gemm',
  'cold',
]
const native = { native: true } as const
const all = { threads: 'all' } as const

export const contenders: readonly Contender[] = [
  contender(BASE[1], 'lanefit', 'simd', everything),
  contender('lanefit, relaxed kernel', 'lanefit', 'relaxed', [...linear, 'network', 'fit', 'softmax', 'gemm']),
  contender('lanefit, lossGradient()', 'lanefit', 'lossGradient', ['gradient']),
  contender('lanefit, lbfgs', 'lanefit', 'lbfgs', ['fit', 'softmax']),
  contender('lanefit, from a typed array', 'lanefit', 'copied', ['fit', 'softmax']),

  contender('JavaScript, plain', 'javascript', 'plain', everything),
  contender('JavaScript, hand-tuned', 'javascript', 'tuned', [...linear, 'rows', 'network', 'fit', 'softmax', 'gemm']),
  contender('tfjs, cpu', 'tfjs', 'cpu', [...linear, 'network', 'one', 'gemm', 'cold']),
  contender('tfjs, cpu, layers', 'tfjs-layers', 'cpu', ['epoch', 'network', 'predict']),
  contender('tfjs, wasm', 'tfjs', 'wasm', [...linear, 'network', 'one', 'fit', 'softmax', 'gemm', 'cold']),
  contender('tfjs, wasm, layers', 'tfjs-layers', 'wasm', ['epoch', 'network', 'predict']),
  contender('onnxruntime-web', 'onnxruntime', 'wasm', ['predict', 'one', 'cold']),
  contender('ml-matrix', 'ml-matrix', '', ['gradient', 'predict', 'one', 'gemm']),
  contender('ml-logistic-regression', 'ml-logistic-regression', '', ['gradient', 'predict', 'one', 'fit', 'cold']),
  contender('brain.js', 'brain', '', ['network', 'one', 'cold']),
  contender('stdlib', 'stdlib', '', ['rows', 'predict', 'one', 'fit', 'cold']),

  contender('NumPy', 'numpy', '', [...linear, 'one', 'gemm', 'cold'], native),
  contender('scikit-learn', 'sklearn', '', ['gradient', 'network', 'predict', 'one', 'cold'], native),
  contender('scikit-learn, SGDClassifier', 'sklearn', '', ['rows'], native),
  contender('scikit-learn, lbfgs', 'sklearn', 'lbfgs', ['fit', 'softmax'], native),
  contender('scikit-learn, newton-cg', 'sklearn', 'newton-cg', ['softmax'], native),
  contender('scikit-learn, newton-cholesky', 'sklearn', 'newton-cholesky', ['fit'], native),
  contender('scikit-learn, liblinear', 'sklearn', 'liblinear', ['fit'], native),
  contender('scikit-learn, SGDClassifier averaged', 'sklearn', 'sgd', ['fit'], native),
  contender('PyTorch', 'torch', '', everything, native),
  contender('liblinear', 'liblinear', '0', ['fit']),

  contender(BASE.all, 'lanefit', 'threads', [...linear, 'network', 'fit', 'softmax', 'gemm'], all),
  contender('tfjs, wasm, all threads', 'tfjs', 'threads', [...linear, 'network', 'fit', 'softmax', 'gemm'], all),
  contender('tfjs, wasm, layers, all threads', 'tfjs-layers', 'threads', ['network'], all),
  contender('onnxruntime-web, all threads', 'onnxruntime', 'threads', ['predict'], all),
  contender('NumPy, all threads', 'numpy', '', ['gradient', 'predict', 'gemm'], { ...native, ...all }),
  contender('scikit-learn, all threads', 'sklearn', '', ['gradient', 'network', 'predict'], { ...native, ...all }),
  contender('scikit-learn, lbfgs, all threads', 'sklearn', 'lbfgs', ['fit', 'softmax'], { ...native, ...all }),
  contender('PyTorch, all threads', 'torch', '', ['gradient', 'network', 'predict', 'fit', 'softmax', 'gemm'], {
    ...native,
    ...all,
  }),
]
