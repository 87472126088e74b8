import { describe } from 'vitest'
import type { Description } from './contract/estimator.ts'
import { testFitting } from './contract/fitting.ts'
import { testInput } from './contract/input.ts'
import { testLabels } from './contract/labels.ts'
import { testMemory } from './contract/memory.ts'
import { testPredicting } from './contract/predicting.ts'
import { testSaving } from './contract/saving.ts'
import { testWorker } from './contract/worker.ts'

export type { Description } from './contract/estimator.ts'

/** What every estimator promises, one suite for all of them (after scikit-learn's estimator_checks). */
export function testEstimator(description: Description): void {
  describe(`${description.title ?? description.name}: the contract`, () => {
    describe('fitting', () => testFitting(description))
    describe('labels', () => testLabels(description))
    describe('predicting', () => testPredicting(description))
    describe('saving', () => testSaving(description))
    describe('memory', () => testMemory(description))
    describe('input', () => testInput(description))
    describe('in a worker', () => testWorker(description))
  })
}
