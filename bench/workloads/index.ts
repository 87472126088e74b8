import type { Workload } from '../workload.ts'
import { epochWorkloads } from './epoch.ts'
import { fitWorkloads } from './fit.ts'
import { gemmWorkloads } from './gemm.ts'
import { gradientWorkloads } from './gradient.ts'
import { predictOneWorkloads, predictProbaWorkloads } from './predict.ts'

/** Everything that is measured, in the order of the table. */
export const workloads: readonly Workload[] = [
  ...gemmWorkloads,
  ...gradientWorkloads,
  ...epochWorkloads,
  ...fitWorkloads,
  ...predictProbaWorkloads,
  ...predictOneWorkloads,
]
