/**
 * The shapes that are measured, what each stands for, and what is aimed at: the least ratio of times, plain loops over
 * lanefit, for the simd variant on one thread.
 */
export interface Target {
  readonly target?: number
}

export interface Shape {
  readonly rows: number
  readonly cols: number
}

export interface GemmShape {
  readonly size: number
}

export interface EpochShape extends Shape {
  readonly batchSize: number
  /** How many times a fused gradient pass over the same rows it may take at most. */
  readonly most?: number
  /** Default: a fit's order, drawn before. */
  readonly order?: 'drawn' | 'and drawing' | 'uniform'
}

export interface OptimizerShape extends EpochShape {
  readonly optimizer: 'momentum' | 'adam'
}

export interface NetworkShape extends EpochShape {
  /** Of the hidden layer. */
  readonly width: number
}

export interface SoftmaxShape extends Shape {
  readonly classes: number
}

export interface FitShape extends Shape {
  /** From a matrix in kernel memory, or from a typed array that has to be copied in first. */
  readonly resident: boolean
}

export interface SolverShape extends SoftmaxShape {
  /** 'auto': what lanefit takes by itself, sampledNewton; the baselines take the better one of the others for these data. */
  readonly solver: 'newton' | 'lbfgs' | 'auto'
  /** How many times the first column's deviation the last one's is; above 1 the columns are also correlated. */
  readonly scales: number
}

export interface HingeShape extends Shape {
  /** Of dual coordinate descent, for comparison. */
  readonly passes: number
}

/** Square matrix products: from one that fits the nearest cache to one that fits none of a core's own. */
export const gemmShapes: readonly (GemmShape & Target)[] = [
  { size: 64 },
  { size: 128 },
  { size: 256 },
  { size: 512, target: 30 },
  { size: 1024 },
]

/** Passes of a logistic regression over its training data. */
export const gradientShapes: readonly (Shape & Target)[] = [
  // a small table, wholly in the second cache
  { rows: 1_000, cols: 32 },
  // handwritten digits of 28 x 28 pixels
  { rows: 1_000, cols: 784, target: 12 },
  { rows: 100_000, cols: 32 },
  // a wide table of 40 MB
  { rows: 100_000, cols: 100, target: 10 },
  // 128 MB, from main memory
  { rows: 1_000_000, cols: 32 },
]

/** One epoch of mini-batch SGD over permuted rows: in the order of a fit, with the drawing of it, and in uniform order. */
export const epochShapes: readonly (EpochShape & Target)[] = [
  { rows: 100_000, cols: 32, batchSize: 32, target: 5, most: 1.25 },
  { rows: 100_000, cols: 32, batchSize: 4, most: 2 },
  { rows: 100_000, cols: 32, batchSize: 1 },
  { rows: 100_000, cols: 32, batchSize: 32, order: 'and drawing' },
  { rows: 100_000, cols: 32, batchSize: 32, order: 'uniform' },
  { rows: 100_000, cols: 32, batchSize: 4, order: 'uniform' },
]

/** The same with an optimiser that keeps a gradient. */
export const optimizerShapes: readonly (OptimizerShape & Target)[] = [
  { rows: 100_000, cols: 32, batchSize: 32, optimizer: 'momentum' },
  { rows: 100_000, cols: 32, batchSize: 32, optimizer: 'adam' },
]

/** A pass of multinomial logistic regression. */
export const softmaxShapes: readonly (SoftmaxShape & Target)[] = [{ rows: 20_000, cols: 64, classes: 10, target: 8 }]

/** One epoch of mini-batch SGD of a network with one hidden layer. */
export const networkShapes: readonly (NetworkShape & Target)[] = [
  // handwritten digits
  { rows: 10_000, cols: 784, width: 128, batchSize: 64, target: 20 },
  // a small table: its matrix products are too small to be packed
  { rows: 50_000, cols: 20, width: 64, batchSize: 32, target: 10 },
]

/** A whole fit by L-BFGS, to 1e-6 of the optimum. */
export const fitShapes: readonly (FitShape & Target)[] = [
  { rows: 50_000, cols: 50, resident: true, target: 5 },
  { rows: 50_000, cols: 50, resident: false, target: 5 },
]

/** A whole fit with one of the solvers, to 1e-6 of the optimum. */
export const solverShapes: readonly (SolverShape & Target)[] = [
  { rows: 50_000, cols: 50, classes: 2, solver: 'auto', scales: 1 },
  { rows: 50_000, cols: 50, classes: 2, solver: 'auto', scales: 1000 },
  // wide, where it begins as lbfgs
  { rows: 20_000, cols: 300, classes: 2, solver: 'auto', scales: 1 },
  { rows: 20_000, cols: 64, classes: 10, solver: 'auto', scales: 1 },
  { rows: 20_000, cols: 20, classes: 5, solver: 'auto', scales: 1000 },
  { rows: 20_000, cols: 64, classes: 10, solver: 'lbfgs', scales: 1, target: 8 },
  // where lbfgs needs many steps and newton few
  { rows: 20_000, cols: 50, classes: 2, solver: 'newton', scales: 1000 },
  { rows: 20_000, cols: 50, classes: 2, solver: 'lbfgs', scales: 1000 },
  { rows: 20_000, cols: 20, classes: 5, solver: 'newton', scales: 1000 },
  { rows: 20_000, cols: 20, classes: 5, solver: 'lbfgs', scales: 1000 },
]

/** A whole fit of the linear support vector machine, to a duality gap of 1e-8; dual coordinate descent is not there then. */
export const hingeShapes: readonly (HingeShape & Target)[] = [
  { rows: 100_000, cols: 20, passes: 10 },
  { rows: 20_000, cols: 100, passes: 20 },
]

/** Probabilities for every row of a matrix in kernel memory. */
export const predictProbaShapes: readonly (Shape & Target)[] = [{ rows: 100_000, cols: 100, target: 6 }]

/** One row that arrives as a plain array: it must not take more than 1.5 times what a bare loop takes. */
export const predictOneShapes: readonly (Pick<Shape, 'cols'> & Target)[] = [{ cols: 100, target: 1 / 1.5 }]
