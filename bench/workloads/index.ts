import {
  epochShapes,
  fitShapes,
  gemmShapes,
  gradientShapes,
  hingeShapes,
  networkShapes,
  optimizerShapes,
  predictOneShapes,
  predictProbaShapes,
  softmaxShapes,
  solverShapes,
  type Target,
} from '../shapes.ts'
import type { Workload } from '../workload.ts'
import { epochWorkload } from './epoch.ts'
import { fitWorkload } from './fit.ts'
import { gemmWorkload } from './gemm.ts'
import { gradientWorkload } from './gradient.ts'
import { hingeWorkload } from './hinge.ts'
import { networkWorkload } from './network.ts'
import { optimizerWorkload } from './optimizer-epoch.ts'
import { predictOneWorkload, predictProbaWorkload } from './predict.ts'
import { softmaxWorkload } from './softmax.ts'
import { solverFitWorkload } from './solver-fit.ts'

/** What is measured, with what is aimed at, in the order of the table. */
export const workloads: readonly (Workload & Target)[] = [
  ...each(gemmShapes, gemmWorkload),
  ...each(gradientShapes, gradientWorkload),
  ...each(epochShapes, epochWorkload),
  ...each(optimizerShapes, optimizerWorkload),
  ...each(softmaxShapes, softmaxWorkload),
  ...each(networkShapes, networkWorkload),
  ...each(fitShapes, fitWorkload),
  ...each(solverShapes, solverFitWorkload),
  ...each(hingeShapes, hingeWorkload),
  ...each(predictProbaShapes, predictProbaWorkload),
  ...each(predictOneShapes, predictOneWorkload),
]

function each<S extends Target>(shapes: readonly S[], make: (shape: S) => Workload): (Workload & Target)[] {
  return shapes.map((shape) => ({ ...make(shape), ...(shape.target !== undefined && { target: shape.target }) }))
}
