import {
  epochShapes,
  gemmShapes,
  gradientShapes,
  networkShapes,
  optimizerShapes,
  predictProbaShapes,
  type Shape,
  softmaxShapes,
} from '../shapes.ts'
import type { Workload } from '../workload.ts'
import { epochWorkload } from '../workloads/epoch.ts'
import { gemmWorkload } from '../workloads/gemm.ts'
import { gradientWorkload } from '../workloads/gradient.ts'
import { hessianWorkload } from '../workloads/hessian.ts'
import { networkWorkload } from '../workloads/network.ts'
import { optimizerWorkload } from '../workloads/optimizer-epoch.ts'
import { predictIntoWorkload, predictProbaWorkload } from '../workloads/predict.ts'
import { probaWorkload } from '../workloads/proba.ts'
import { softmaxWorkload } from '../workloads/softmax.ts'
import { statisticsWorkload } from '../workloads/statistics.ts'

/** Which of the two limits is aimed at, and what share of it. */
export interface LimitTarget {
  readonly limit: 'read' | 'peak'
  readonly share: number
}

export interface RooflineKernel {
  readonly workload: Workload
  readonly target?: LimitTarget
}

/** From so many bytes on the data are far from any core: what counts is how fast they come. */
const LARGE = 40e6

const reads = (workload: Workload, { rows, cols }: Shape): RooflineKernel =>
  rows * cols * 4 >= LARGE ? { workload, target: { limit: 'read', share: 0.85 } } : { workload }

/** As wide as the 40 MB that are aimed at, in the second cache: what their arithmetic takes by itself. */
const CACHED: Shape = { rows: 1_000, cols: 100 }

const predictShapes: readonly Shape[] = [...predictProbaShapes, { rows: 1_000_000, cols: 32 }]

const hessianShapes: readonly Shape[] = [20, 50, 100].map((cols) => ({ rows: 20_000, cols }))

const statisticsShapes: readonly Shape[] = [
  { rows: 100_000, cols: 50 },
  { rows: 1_000_000, cols: 32 },
]

const calculates = (workload: Workload, isLarge: boolean): RooflineKernel =>
  isLarge ? { workload, target: { limit: 'peak', share: 0.95 } } : { workload }

/** What is held against the machine's limits, in the order of the table. */
export const rooflineKernels: readonly RooflineKernel[] = [
  ...[CACHED, ...gradientShapes].map((shape) => reads(gradientWorkload(shape), shape)),
  ...predictShapes.flatMap((shape) => [
    reads(predictProbaWorkload(shape), shape),
    reads(predictIntoWorkload(shape), shape),
    { workload: probaWorkload(shape) },
  ]),
  ...gemmShapes.map((shape) => calculates(gemmWorkload(shape), shape.size >= 512)),
  ...statisticsShapes.map((shape) => ({ workload: statisticsWorkload(shape) })),
  ...hessianShapes.map((shape) => ({ workload: hessianWorkload(shape) })),
  ...softmaxShapes.map((shape) => ({ workload: softmaxWorkload(shape) })),
  ...networkShapes.map((shape) => ({ workload: networkWorkload(shape) })),
  ...epochShapes.map((shape) => ({ workload: epochWorkload(shape) })),
  ...optimizerShapes.map((shape) => ({ workload: optimizerWorkload(shape) })),
]
