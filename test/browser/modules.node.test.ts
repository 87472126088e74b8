/** The ESM bundle where browsers run modules: in a page (examples/module.html) and in a worker. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LogisticRegression, readCsv, trainTestSplit } from '../../src/node.ts'
import { launchChromium } from './chromium.ts'
import { type Site, serve } from './serve.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

const workerScript = `
  import { kernelInfo, LogisticRegression, readCsv } from '/dist/index.js'
  onmessage = async ({ data: file }) => {
    try {
      const { X, y } = await readCsv(file, { target: 'diagnosis' })
      const model = await new LogisticRegression().fit(X, y)
      postMessage({ json: JSON.stringify(model), predicted: model.predict(X), variant: kernelInfo().variant })
    } catch (error) {
      postMessage({ error: String(error) })
    }
  }`

let browser: Browser
let site: Site

beforeAll(async () => {
  const pages = { '/worker.js': workerScript, '/empty.html': '<!doctype html>' }
  ;[browser, site] = await Promise.all([launchChromium(), serve(root, { pages })])
})

afterAll(async () => {
  await browser.close()
  await site.close()
})

const example = () => readCsv(join(root, 'examples/data/breast-cancer.csv'), { target: 'diagnosis' })

test('examples/module.html says what Node says', async () => {
  using data = await example()
  using parts = trainTestSplit(data, { test: 0.15, stratify: true, seed: 1 })
  const model = await new LogisticRegression().fit(parts.train.X, parts.train.y)
  const { label, proba } = model.predictOne(parts.test.X.row(0))
  const accuracy = model.score(parts.test.X, parts.test.y)

  const page = await browser.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => complaints.push(message.text()))
  await page.goto(`${site.origin}/examples/module.html`)
  const answer = page.locator('#answer')
  await expect.poll(async () => complaints[0] ?? (await answer.innerText())).not.toBe('Training ...')
  expect(complaints).toEqual([])
  expect(await answer.innerText()).toBe(`Accuracy ${accuracy}. The first test row is ${label} (${proba}).`)
  await page.close()
})

test('a module worker trains the same model, to the bit', async () => {
  using data = await example()
  const model = await new LogisticRegression().fit(data.X, data.y)

  const page = await browser.newPage()
  await page.goto(`${site.origin}/empty.html`)
  const answer = await page.evaluate(async () => {
    const csv = await (await fetch('/examples/data/breast-cancer.csv')).blob()
    const worker = new Worker('/worker.js', { type: 'module' })
    return new Promise((resolve) => {
      worker.onmessage = (event) => resolve(event.data)
      worker.onerror = (event) => resolve({ error: event.message })
      worker.postMessage(csv)
    })
  })
  expect(answer).toEqual({ json: JSON.stringify(model), predicted: model.predict(data.X), variant: 'simd' })
  await page.close()
})
