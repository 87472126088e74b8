/** examples/page.html as a visitor uses it: files are dropped or chosen, buttons clicked, numbers typed. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { LogisticRegression, readCsv, trainTestSplit } from '../../src/node.ts'
import { launchChromium } from './chromium.ts'
import { type Site, serve } from './serve.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const csvPath = join(root, 'examples/data/breast-cancer.csv')

let browser: Browser
let site: Site
let csv: string
/** What the page should come to, from the sources in Node. */
let expected: { model: LogisticRegression; accuracy: Record<'train' | 'validation' | 'test', string> }

const percent = (share: number) => `${(100 * share).toFixed(1)}%`

beforeAll(async () => {
  ;[browser, site, csv] = await Promise.all([launchChromium(), serve(root), readFile(csvPath, 'utf8')])
  using data = await readCsv(csvPath, { target: 'diagnosis' })
  using parts = trainTestSplit(data, { validation: 0.15, test: 0.15, stratify: true, seed: 1 })
  const model = await new LogisticRegression().fit(parts.train.X, parts.train.y)
  const shown = (name: 'train' | 'validation' | 'test') => percent(model.score(parts[name].X, parts[name].y))
  expected = {
    model,
    accuracy: { train: shown('train'), validation: shown('validation'), test: shown('test') },
  }
})

afterAll(async () => {
  await browser.close()
  await site.close()
})

let page: Page

beforeEach(async () => {
  page = await openPage(`${site.origin}/examples/page.html`)
})

/** A tab that fails the test if the page throws, logs an error or asks another site for something. */
async function openPage(url: string): Promise<Page> {
  const tab = await browser.newPage()
  const complaints: string[] = []
  tab.on('pageerror', (error) => complaints.push(String(error)))
  tab.on('console', (message) => complaints.push(message.text()))
  tab.on('request', (request) => {
    if (!/^(?:file|data|blob):/.test(request.url()) && !request.url().startsWith(site.origin))
      complaints.push(request.url())
  })
  onTestFinished(async () => {
    await tab.close()
    expect(complaints).toEqual([])
  })
  await tab.goto(url)
  return tab
}

async function drop(name: string, content: string): Promise<void> {
  const dataTransfer = await page.evaluateHandle(
    ([name, bytes]) => {
      const transfer = new DataTransfer()
      transfer.items.add(new File([Uint8Array.from(bytes)], name))
      return transfer
    },
    [name, [...Buffer.from(content)]] as const,
  )
  await page.dispatchEvent('.drop', 'drop', { dataTransfer })
}

const text = (id: string) => page.locator(`#${id}`).innerText()
const shown = (id: string) => page.locator(`#${id}`).isVisible()
const trained = () => page.locator('#report').waitFor()

async function fill(values: readonly number[]): Promise<void> {
  const inputs = await page.locator('#inputs input').all()
  expect(inputs).toHaveLength(values.length)
  for (const [k, input] of inputs.entries()) await input.fill(String(values[k]))
}

/** The numbers of row i of the example. */
const rowOf = (i: number) => csv.split('\n')[1 + i]!.split(',').slice(0, -1).map(Number)

describe('a dropped CSV', () => {
  test('is trained on, with the accuracy that the library has in Node', async () => {
    await drop('breast-cancer.csv', csv)
    await trained()
    expect(await page.locator('#target').inputValue()).toBe('diagnosis')
    const accuracy = { train: await text('train'), validation: await text('validation'), test: await text('test') }
    expect(Number.parseFloat(accuracy.test)).toBeGreaterThanOrEqual(95)
    expect(accuracy).toEqual(expected.accuracy)
    expect(await text('details')).toMatch(/397 rows x 30 columns .* Kernel: simd/)
    expect(await shown('work')).toBe(false)

    const cells = await page.locator('#confusion td').allInnerTexts()
    const [tn, fp, fn, tp] = cells.map(Number) as [number, number, number, number]
    expect(tn + fp + fn + tp).toBe(86)
    expect(percent((tn + tp) / 86)).toBe(accuracy.test)
  })

  test('gives a form whose answer follows what is typed and is the library’s', async () => {
    await drop('breast-cancer.csv', csv)
    await trained()
    const labels = new Set<string>()
    for (const i of [0, 19, 100]) {
      await fill(rowOf(i))
      const { label, proba } = expected.model.predictOne(rowOf(i))
      expect(await text('label')).toBe(label)
      expect(await text('proba')).toBe(percent(proba))
      labels.add(String(label))
    }
    expect(labels.size).toBe(2)
    await page.locator('#inputs input').first().fill('')
    expect(await text('proba')).toBe('mean_radius is missing')
  })

  test('may have words and gaps', async () => {
    const rows = Array.from({ length: 60 }, (_, i) => `n${i},${i === 7 ? '' : i % 9},${i},${i < 30 ? 'low' : 'high'}`)
    await drop('words.csv', ['name,a,b,level', ...rows].join('\n'))
    await page.locator('#error').waitFor()
    expect(await text('error')).toContain('line 9')
    expect(await shown('report')).toBe(false)

    await page.locator('#missing').selectOption('drop')
    await trained()
    expect(await shown('error')).toBe(false)
    expect(await text('details')).toMatch(/missing value: 1\..* not numbers: name\./)
    expect(await page.locator('#confusion th[scope=row]').allInnerTexts()).toEqual(['is high', 'is low'])
  })

  test('that is broken is explained, and the next one works', async () => {
    await drop('broken.csv', csv.replace(/^20\.57,17\.77,/m, '20.57,'))
    await page.locator('#error').waitFor()
    expect(await text('error')).toMatch(/line 3\b.*31/)
    expect(await shown('report')).toBe(false)
    expect(await shown('work')).toBe(false)

    await drop('breast-cancer.csv', csv)
    await trained()
    expect(await shown('error')).toBe(false)
  })

  test('can be stopped while it trains', async () => {
    // 200,000 x 20: many slices of 8 ms. The button is pressed as soon as training says that it is under way.
    await page.evaluate(() => {
      const lines = ['a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,answer']
      for (let i = 0; i < 200_000; i++) {
        const row = Array.from({ length: 20 }, (_, k) => ((i * (k + 3) * 7919) % 1013) / 100)
        lines.push(`${row.join()},${(i * 31) % 7 > 3 ? 'yes' : 'no'}`)
      }
      const phase = document.getElementById('phase') as HTMLElement
      const stop = document.getElementById('stop') as HTMLElement
      new MutationObserver(() => phase.textContent?.startsWith('Training') && stop.click()).observe(phase, {
        childList: true,
      })
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File([lines.join('\n')], 'large.csv'))
      dispatchEvent(new DragEvent('drop', { dataTransfer }))
    })
    await page.locator('#note').waitFor()
    expect(await text('note')).toBe('Stopped.')
    expect(await page.locator('#phase').textContent()).toMatch(/^Training: iteration \d+/)
    expect(await shown('report')).toBe(false)
    expect(await page.evaluate('lanefit.kernelInfo().liveBytes')).toBe(0)
  })
})

test('the example button', async () => {
  await page.click('#example')
  await trained()
  expect(await text('test')).toBe(expected.accuracy.test)
})

describe('a model', () => {
  test('is saved, and dropped again it predicts the same', async () => {
    await drop('breast-cancer.csv', csv)
    await trained()
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save')])
    expect(download.suggestedFilename()).toBe('model.json')
    const json = await readFile(await download.path(), 'utf8')
    expect(LogisticRegression.fromJSON(json).coef).toEqual(expected.model.coef)
    const [label, proba] = [await text('label'), await text('proba')]

    page = await openPage(`${site.origin}/examples/page.html`)
    await drop('model.json', json)
    await page.locator('#model').waitFor()
    expect([await text('label'), await text('proba')]).toEqual([label, proba])
    expect(await shown('report')).toBe(false)
    expect(await shown('settings')).toBe(false)
  })

  test('that was altered is refused', async () => {
    await drop('model.json', JSON.stringify(expected.model).replace('"converged":true', '"converged":false'))
    await page.locator('#error').waitFor()
    expect(await text('error')).toContain('checksum')
    expect(await shown('model')).toBe(false)
  })
})

test('works as a file, with a chosen one', async () => {
  page = await openPage(pathToFileURL(join(root, 'examples/page.html')).href)
  expect(await shown('example')).toBe(false)
  await page.setInputFiles('#file', csvPath)
  await trained()
  expect(await text('test')).toBe(expected.accuracy.test)
})
