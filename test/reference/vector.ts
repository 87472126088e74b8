import type { Numbers } from './table.ts'

/** sum of x[i] y[i] */
export function dot(x: Numbers, y: Numbers): number {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!
  return sum
}

/** y + a x */
export function axpy(x: Numbers, y: Numbers, a: number): Float64Array {
  return Float64Array.from(x, (value, i) => y[i]! + a * value)
}

/** a x */
export function scale(x: Numbers, a: number): Float64Array {
  return Float64Array.from(x, (value) => a * value)
}
