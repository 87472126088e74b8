/** The experiments of docs/course.md, on what is in dist/: their numbers, and that a figure is drawn from them. */
import { describe, expect, test } from 'vitest'

// Not TypeScript, and not to be bundled: Node itself resolves 'lanefit' to the package's own dist/.
const load = (name: string) =>
  import(/* @vite-ignore */ new URL(`../../examples/experiments/${name}`, import.meta.url).href)

describe('losses of a row with t = 1', async () => {
  const { descend, gradientSignal, lossAt, runsFigure, sigma, sigmaSlope, stepsToRight } = await load('losses.mjs')

  test.each([-5, -1, 0, 2])('sigma and its slope at %d', (z) => {
    const exact = 1 / (1 + Math.exp(-z))
    expect(sigma(z)).toBeCloseTo(exact, 6)
    expect(sigmaSlope(z)).toBeCloseTo(exact * (1 - exact), 6)
  })

  test('at z = -5 cross-entropy pulls 150 times as hard as squared error', () => {
    const p = 1 / (1 + Math.exp(5))
    const { squaredError, crossEntropy, ratio } = gradientSignal()
    expect(crossEntropy).toBeCloseTo(p - 1, 6)
    expect(squaredError).toBeCloseTo((p - 1) * p * (1 - p), 7)
    expect(ratio).toBeCloseTo(1 / (p * (1 - p)), 2)
  })

  test('from there cross-entropy needs 6 steps, squared error 168', () => {
    expect(stepsToRight(descend('logistic'))).toBe(6)
    expect(stepsToRight(descend('squaredErrorLogistic'))).toBe(168)
  })

  test('hinge and squared error at z = 0.5', () => {
    expect(lossAt('hinge', 0.5)).toEqual({ value: 0.5, slope: -1 })
    expect(lossAt('squaredError', 0.5)).toEqual({ value: 0.125, slope: -0.5 })
  })

  test('the figure holds both runs, and is an SVG', async () => {
    const { toSvg } = await load('svg.mjs')
    const spec = runsFigure()
    expect(spec.data.values).toHaveLength(2 * 301)
    const svg: string = await toSvg(spec)
    expect(svg).toMatch(/^<svg /)
    expect(svg).toContain('squared error behind σ')
    expect(svg).not.toContain('NaN')
  })
})

test('only squared error behind sigma is not convex', async () => {
  const { aboveChord, LOSSES } = await load('training.mjs')
  const above = LOSSES.filter((loss: string) => aboveChord(loss, { segments: 200 }) > 0)
  expect(above).toEqual(['squaredErrorLogistic'])
})
