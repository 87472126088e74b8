/** The script-tag file in an engine without Symbol.dispose, as Safari is: `using` inside it must work all the same. */
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type * as lanefit from '../../src/index.ts'

const file = new URL('../../dist/lanefit.iife.js', import.meta.url)

/** Symbol without what came last. */
function olderSymbol(): SymbolConstructor {
  const older = (description?: string): symbol => Symbol(description)
  const { dispose, asyncDispose, ...known } = Object.getOwnPropertyDescriptors(Symbol)
  expect(dispose, 'an engine to take Symbol.dispose from').toBeDefined()
  return Object.defineProperties(older, { ...known, prototype: { value: Symbol.prototype } }) as SymbolConstructor
}

test('trains, predicts, and gives all memory back', async () => {
  const load = new Function('Symbol', `${await readFile(file, 'utf8')}\nreturn lanefit`)
  const { gaussians, kernelInfo, LogisticRegression, trainTestSplit } = load(olderSymbol()) as typeof lanefit
  const data = gaussians({ rows: 500 })
  const parts = trainTestSplit(data, { seed: 1 })
  const model = await new LogisticRegression().fit(parts.train.X, parts.train.y, { validation: parts.test })
  expect(model.score(parts.test.X, parts.test.y)).toBeGreaterThan(0.98)
  expect(model.predictProba(parts.test.X).rows).toBe(125)
  expect(kernelInfo().liveBytes).toBeGreaterThan(0)
  parts.dispose()
  data.dispose()
  expect(kernelInfo().liveBytes).toBe(0)
})
