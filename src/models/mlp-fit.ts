import { checkOptionNames } from '../core/checks.ts'
import { type Label, type Labels, listLabels } from '../core/labels.ts'
import { Random } from '../core/random.ts'
import type { Steps } from '../core/steps.ts'
import { type MatrixLike, type Pointer, shapeOf, Workspace } from '../kernel/index.ts'
import { scheduleOf, sgd } from '../optim/index.ts'
import { columnMoments } from './columns.ts'
import { areFinite } from './fit-errors.ts'
import { type FitOptions, refuseWorker } from './fit-options.ts'
import { encodeLabels, sameLabels } from './labels.ts'
import type { PartialFitOptions } from './linear-partial.ts'
import { NetworkEpochs, type NetworkTraining } from './mlp-epochs.ts'
import { deadNetwork, diverged, isDead } from './mlp-failures.ts'
import { drawWeights } from './mlp-init.ts'
import { type Measured, NetworkMeasure } from './mlp-measure.ts'
import { NetworkRows, type NetworkShape, squaredWeights } from './mlp-network.ts'
import { LEARNING_RATE, type MLPClassifierOptions } from './mlp-options.ts'
import { NetworkRecord } from './mlp-record.ts'
import { type MlpFit, outputsFor } from './mlp-result.ts'
import { allRows, holdOut, weightsWithout } from './mlp-samples.ts'
import { readSamples } from './read-samples.ts'
import { borrowMatrix, holdMatrix, type Rows } from './samples.ts'

const EPOCHS = 200
/** Epochs without progress after which training has converged, as scikit-learn's n_iter_no_change. */
const IDLE_EPOCHS = 10

/** Trains; the result is a fit of its own, `previous` is only where a warm start starts. */
export function* fitMlp(
  X: MatrixLike,
  y: Labels,
  options: MLPClassifierOptions,
  fitOptions: FitOptions,
  previous: MlpFit | undefined,
): Steps<MlpFit> {
  const { rows, cols } = shapeOf(X)
  const { epochs = EPOCHS, seed = 0, earlyStopping } = options
  using record = new NetworkRecord(fitOptions, epochs, earlyStopping)
  using held = holdMatrix(X)
  const { classWeight } = options
  const samples = yield* readSamples(y, rows, { classWeight, sampleWeight: fitOptions.sampleWeight })
  const { classes, codes, weights } = samples
  yield* record.open(classes, cols)
  using borrowed = held ?? (yield* borrowMatrix(X))
  const { matrix } = borrowed
  using work = new Workspace(matrix.slabs.memory)

  const fraction = fitOptions.validation ? undefined : earlyStopping?.fraction
  const split = fraction === undefined ? undefined : yield* holdOut(codes, classes.length, fraction, seed)
  const train = split?.train ?? allRows(rows)
  const shape = shapeFor(options, cols, classes)
  const warm = options.warmStart && previous && sameShape(previous, shape, classes) ? previous : undefined
  yield
  const ofRows = split && !warm ? yield* weightsWithout(split.held, rows, samples.sampleWeight) : samples.sampleWeight
  const { inputs, columns } = warm ?? (yield* inputsOf(matrix, options, ofRows))
  const net = new NetworkRows(work, matrix, shape, inputs)
  const random = yield* startOf(work, net, options, seed, warm?.params)
  const first = net.copyParams()
  record.begin(shape, inputs, split && new NetworkMeasure(work, net, codes, weights, split.held))

  const { optimizer = 'adam' } = options
  const { learningRate = LEARNING_RATE[optimizer], schedule = 'constant', tol = earlyStopping ? false : 1e-4 } = options
  const runner = yield* NetworkEpochs.open(work, net, codes, weights, train, trainingOf(options), random)
  const result = yield* sgd(runner, {
    epochs,
    learningRate,
    schedule: scheduleOf(schedule, epochs),
    tol: tol === false ? Number.NEGATIVE_INFINITY : tol,
    nIterNoChange: IDLE_EPOCHS,
    onEpoch: ({ epoch, loss }) => record.add(epoch + 1, loss, net),
  })
  if (result.reason === 'diverged') throw diverged(result.nIter, learningRate, options)
  if (record.early?.best) net.setParams(record.early.best)

  const measure = new NetworkMeasure(work, net, codes, weights, split?.train)
  const end = yield* measure.measure(net)
  const params = net.copyParams()
  yield
  yield* checkEnd(end, {
    net,
    measure,
    first,
    params,
    varied: columns.std.some((std) => std > 0),
    nIter: result.nIter,
    learningRate,
    options,
    history: record.history,
  })
  return {
    classes,
    shape,
    inputs,
    params,
    columns,
    featureNames: matrix.featureNames,
    nIter: result.nIter,
    converged: result.converged || record.stopped,
    loss: end.loss + (yield* penaltyOf(params, shape, options)),
    history: record.history,
    optimizer: yield* runner.state(),
  }
}

/** One epoch over more rows, from where `previous` is. */
export function* partialFitMlp(
  X: MatrixLike,
  y: Labels,
  options: MLPClassifierOptions,
  { classes: given, sampleWeight, ...rest }: PartialFitOptions,
  previous: MlpFit | undefined,
): Steps<MlpFit> {
  refuseWorker('partialFit', rest)
  checkOptionNames('partialFit', rest, ['classes', 'sampleWeight'])
  const { rows, cols } = shapeOf(X)
  const sorted = given && (yield* encodeLabels(given, given.length, undefined, 'classes')).classes
  if (previous && sorted && !sameLabels(sorted, previous.classes)) {
    throw new RangeError(`classes: expected ${listLabels(previous.classes)} as before, got ${listLabels(sorted)}`)
  }
  const { classWeight, seed = 0, epochs = EPOCHS, optimizer = 'adam', schedule = 'constant' } = options
  const known = previous?.classes ?? sorted
  const samples = yield* readSamples(y, rows, { classes: known, classWeight, sampleWeight, isPart: true })
  const { classes, codes, weights } = samples
  using borrowed = yield* borrowMatrix(X)
  const { matrix } = borrowed
  using work = new Workspace(matrix.slabs.memory)
  const shape = previous?.shape ?? shapeFor(options, cols, classes)
  const { inputs, columns } = previous ?? (yield* inputsOf(matrix, options, samples.sampleWeight))
  const nIter = (previous?.nIter ?? 0) + 1
  const net = new NetworkRows(work, matrix, shape, inputs)
  const random = yield* startOf(work, net, options, seed + nIter - 1, previous?.params)
  const { learningRate: base = LEARNING_RATE[optimizer] } = options
  const learningRate = scheduleOf(schedule, epochs)(nIter - 1, base)
  const training = trainingOf(options)
  const all = allRows(rows)
  const runner = yield* NetworkEpochs.open(work, net, codes, weights, all, training, random, previous?.optimizer)
  const { loss } = yield* runner.epoch({ learningRate })
  const params = net.copyParams()
  // The last step of the epoch is in no loss yet.
  if (!areFinite(loss, params)) throw diverged(nIter, learningRate, options)
  return {
    classes,
    shape,
    inputs,
    params,
    columns,
    featureNames: previous?.featureNames ?? matrix.featureNames,
    nIter,
    converged: false,
    loss,
    history: [...(previous?.history ?? []), { iteration: nIter, loss }],
    optimizer: yield* runner.state(),
  }
}

function shapeFor(options: MLPClassifierOptions, nFeatures: number, classes: readonly Label[]): NetworkShape {
  const { hiddenSizes = [64], activation = 'relu' } = options
  return { sizes: [nFeatures, ...hiddenSizes, outputsFor(classes.length)], activation }
}

function sameShape({ shape, classes }: MlpFit, other: NetworkShape, labels: readonly Label[]): boolean {
  const { sizes, activation } = shape
  if (activation !== other.activation || sizes.length !== other.sizes.length) return false
  return sizes.every((size, l) => size === other.sizes[l]) && sameLabels(classes, labels)
}

/** What the network is given, and the moments of the columns it comes from. Columns with a single value become 0. */
function* inputsOf(
  X: Rows,
  { standardize = true }: MLPClassifierOptions,
  weights: Float64Array | undefined,
): Steps<Pick<MlpFit, 'inputs' | 'columns'>> {
  const moments = yield* columnMoments(X, weights)
  const mean = moments.mean.map((m, k) => m + X.shift[k]!)
  const std = moments.variance.map(Math.sqrt)
  const inputs = standardize
    ? { mean, scale: std.map((s) => (s > 0 ? 1 / s : 0)) }
    : { mean: new Float64Array(X.cols), scale: new Float64Array(X.cols).fill(1) }
  return { inputs, columns: { mean, std } }
}

/** Puts the first parameters in place; returns the state of the generator, for the order of rows. */
function* startOf(
  work: Workspace,
  net: NetworkRows,
  { init = 'auto' }: MLPClassifierOptions,
  seed: number,
  params: Float32Array | undefined,
): Steps<Pointer> {
  const random = work.bytes(16)
  net.kernel.memory.u32(random, 4).set(new Random(seed).state)
  if (params) net.setParams(params)
  else yield* drawWeights(net, init, random)
  return random
}

function trainingOf(options: MLPClassifierOptions): NetworkTraining {
  const { batchSize = 64, l2 = 0, optimizer = 'adam', momentum = 0.9, beta1 = 0.9, beta2 = 0.999 } = options
  const { epsilon = 1e-8, weightDecay = 0.01 } = options
  return { batchSize, l2, optimizer, momentum, beta1, beta2, epsilon, weightDecay }
}

function* penaltyOf(params: Float32Array, { sizes }: NetworkShape, { l2 = 0 }: MLPClassifierOptions): Steps<number> {
  return l2 === 0 ? 0 : (l2 / 2) * (yield* squaredWeights(params, sizes))
}

/** Where a fit ended, and what it takes to find out what is wrong with it. */
interface End {
  readonly net: NetworkRows
  readonly measure: NetworkMeasure
  readonly first: Float32Array
  readonly params: Float32Array
  /** Whether any column has more than one value. */
  readonly varied: boolean
  readonly nIter: number
  readonly learningRate: number
  readonly options: MLPClassifierOptions
  readonly history: readonly { iteration: number; loss: number }[]
}

/** @throws DataError DIVERGED, DEAD_NETWORK */
function* checkEnd(
  end: Measured,
  { net, measure, first, params, varied, learningRate, options, nIter, history }: End,
): Steps<void> {
  // Where no column varies there is nothing to tell rows apart by: the network has learned how frequent the classes are.
  const sameLogits = !end.varies && varied
  if (sameLogits && isDead(net.X, net.shape, params, net.inputs)) throw deadNetwork(learningRate, options)
  // Steps that are too large may bounce without overflowing: the loss is far above what guessing gives, and the start.
  if (!(end.loss <= 2 * Math.log(Math.max(2, net.outputs)))) {
    net.setParams(first)
    const start = yield* measure.measure(net)
    if (!(end.loss <= 2 * start.loss)) {
      const at = history.find(({ loss }) => !(loss <= 2 * start.loss))
      throw diverged(at?.iteration ?? nIter, learningRate, options)
    }
  }
}
