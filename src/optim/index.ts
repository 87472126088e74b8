export {
  type CheckGradientOptions,
  checkGradient,
  type GradientCheck,
  type ValueAndGradient,
} from './check-gradient.ts'
export { cholesky, choleskySolve } from './cholesky.ts'
export { checkEarlyStopping, EarlyStopping, type EarlyStoppingOptions } from './early-stopping.ts'
export { type GradientDescentOptions, gradientDescent } from './gradient-descent.ts'
export type { Solve } from './inverse-hessian.ts'
export { type LbfgsOptions, lbfgs } from './lbfgs.ts'
export { HONEST_RIDGE, newton } from './newton.ts'
export type { IterationInfo, Objective, SolverOptions, SolverResult, StopAnswer, StopReason } from './objective.ts'
export { type OwlqnOptions, owlqn } from './owlqn.ts'
export { ridgeCholesky } from './ridge-cholesky.ts'
export { type SampledObjective, sampledNewton } from './sampled-newton.ts'
export {
  checkSchedule,
  constantSchedule,
  cosineSchedule,
  inverseSchedule,
  type Schedule,
  type ScheduleOptions,
  scheduleOf,
  stepSchedule,
  warmUpSchedule,
} from './schedules.ts'
export { type EpochInfo, type EpochResult, type EpochRunner, type SgdOptions, type SgdResult, sgd } from './sgd.ts'
