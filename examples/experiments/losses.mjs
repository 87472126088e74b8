// Losses of one row as functions of its logit z, all by lanefit's own kernel.
import { init, lossGradient, metrics } from 'lanefit'
import { lines } from './svg.mjs'

await init()

/** The loss and its slope in z: a row whose only parameter that matters is the intercept. */
export function lossAt(loss, z, t = 1) {
  const { loss: value, intercept: slope } = lossGradient(loss, [[0]], [t], { coef: [0], intercept: z })
  return { value, slope }
}

/** Cross-entropy has the slope sigma(z) - t, so that its slope at t = 0 is sigma itself. */
export const sigma = (z) => lossAt('logistic', z, 0).slope

/** Squared error behind sigma has the slope (sigma - t) sigma': at t = 0 that is sigma times sigma'. */
export const sigmaSlope = (z) => lossAt('squaredErrorLogistic', z, 0).slope / sigma(z)

const range = (from, to, step) => Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => from + i * step)

export function sigmaFigure() {
  const points = range(-8, 8, 0.1).flatMap((x) => [
    { x, y: sigma(x), line: 'σ(z)' },
    { x, y: sigmaSlope(x), line: "σ'(z)" },
  ])
  return lines('The sigmoid and its slope', points, { x: 'z', y: 'value' })
}

const LOSSES = {
  'squared error': 'squaredError',
  'squared error behind σ': 'squaredErrorLogistic',
  'cross-entropy': 'logistic',
  hinge: 'hinge',
}

export function lossesFigure() {
  const points = range(-4, 4, 0.05).flatMap((x) => [
    { x, y: metrics.errorRate([1], [x >= 0 ? 1 : 0]), line: '0-1' },
    ...Object.entries(LOSSES).map(([line, loss]) => ({ x, y: lossAt(loss, x).value, line })),
  ])
  return lines('Losses of a row with t = 1', points, { x: 'z', y: 'loss', yDomain: [0, 5] })
}

/** The slope at z, t = 1: how hard a row that is wrong pulls. */
export function gradientSignal(z = -5) {
  const squaredError = lossAt('squaredErrorLogistic', z).slope
  const crossEntropy = lossAt('logistic', z).slope
  return { squaredError, crossEntropy, ratio: crossEntropy / squaredError }
}

/** Gradient descent on z itself from -5; entry k is z after k steps. */
export function descend(loss, { z = -5, steps = 300, learningRate = 1 } = {}) {
  const path = [z]
  for (let k = 0; k < steps; k++) path.push(path[k] - learningRate * lossAt(loss, path[k]).slope)
  return path
}

/** Steps until the row is on the right side; -1: never. */
export const stepsToRight = (path) => path.findIndex((z) => z >= 0)

export function signalFigure() {
  const points = range(-8, 8, 0.1).flatMap((x) => [
    { x, y: lossAt('logistic', x).slope, line: 'cross-entropy: σ - t' },
    { x, y: lossAt('squaredErrorLogistic', x).slope, line: "squared error: (σ - t) σ'" },
  ])
  return lines('Gradient signal of a row with t = 1', points, { x: 'z', y: 'slope of the loss in z' })
}

export function runsFigure() {
  const of = (loss, line) => descend(loss).map((z, x) => ({ x, y: sigma(z), line }))
  const points = [...of('logistic', 'cross-entropy'), ...of('squaredErrorLogistic', 'squared error behind σ')]
  return lines('Gradient descent from z = -5, step size 1', points, { x: 'step', y: 'σ(z); wanted: 1' })
}

export function lossNumbers() {
  const signal = gradientSignal()
  return {
    'slope at z = -5, squared error behind σ': signal.squaredError,
    'slope at z = -5, cross-entropy': signal.crossEntropy,
    'ratio of the two': signal.ratio,
    'steps to z >= 0, squared error behind σ': stepsToRight(descend('squaredErrorLogistic')),
    'steps to z >= 0, cross-entropy': stepsToRight(descend('logistic')),
  }
}
