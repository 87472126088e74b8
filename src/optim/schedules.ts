/** The learning rate of an epoch (counted from 0), from the base rate. */
export type Schedule = (epoch: number, base: number) => number

/** The base rate, always (scikit-learn: learning_rate='constant'). */
export const constantSchedule: Schedule = (_epoch, base) => base

/** base / (1 + decay * epoch), decay >= 0 (Robbins & Monro's kind; Bottou, "Stochastic Gradient Descent Tricks", 2012). */
export function inverseSchedule(decay: number): Schedule {
  return (epoch, base) => base / (1 + decay * epoch)
}
