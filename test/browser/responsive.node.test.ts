/**
 * A page stays responsive while it trains: no task of the page's thread takes more than 50 ms, measured by Chromium's
 * own trace. What counts is the thread's processor time: on a busy machine the clock would count others' work too.
 */
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium } from './chromium.ts'
import { type Site, serve } from './serve.ts'

/** More than this delays a click or a frame noticeably; browsers call it a long task. */
const LONG_TASK_MS = 50

const pageHtml = `<!doctype html>
<script src="/dist/lanefit.iife.js"></script>
<script>
  const random = (() => { let s = 1; return () => (s = (Math.imul(s, 1664525) + 1013904223) >>> 0) / 2 ** 32 })()

  /** Two classes that overlap. */
  function makeData(rows, cols) {
    const [data, sampleWeight, y] = [new Float64Array(rows * cols), new Float64Array(rows), []]
    for (let i = 0; i < rows; i++) {
      let z = 4 * random() - 2
      for (let k = i * cols; k < (i + 1) * cols; k++) z += (data[k] = random() + random() - 1) * ((k % 5) - 2)
      sampleWeight[i] = random()
      y.push(z > 0 ? 'yes' : 'no')
    }
    const split = y.map((_, i) => data.subarray(i * cols, (i + 1) * cols))
    return { X: { data, rows, cols }, rows: split, y, sampleWeight }
  }
</script>`

let browser: Browser
let site: Site

beforeAll(async () => {
  ;[browser, site] = await Promise.all([
    launchChromium(),
    serve(fileURLToPath(new URL('../..', import.meta.url)), { pages: { '/page.html': pageHtml } }),
  ])
})

afterAll(async () => {
  await browser.close()
  await site.close()
})

interface TraceEvent {
  name: string
  pid: number
  tid: number
  /** Begin, in microseconds. */
  ts: number
  dur?: number
  /** Processor time of the thread, in microseconds. */
  tdur?: number
}

/** Runs code in a page; the milliseconds that the longest task of its thread took, and how many tasks there were. */
async function longestTask(page: Page, code: string): Promise<{ longest: number; tasks: number }> {
  await browser.startTracing(page, { categories: ['toplevel', 'blink.user_timing'] })
  let trace: Buffer
  try {
    await page.evaluate(`(async () => {
      performance.mark('work begins')
      ${code}
      performance.mark('work ends')
      // A task is in the trace when it has ended.
      await new Promise((resolve) => setTimeout(resolve, 50))
    })()`)
  } finally {
    trace = await browser.stopTracing()
  }
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] }
  const begin = traceEvents.find(({ name }) => name === 'work begins') as TraceEvent
  const end = traceEvents.find(({ name }) => name === 'work ends') as TraceEvent
  const tasks = traceEvents.filter(
    ({ name, pid, tid, ts, dur }) =>
      name === 'ThreadControllerImpl::RunTask' &&
      pid === begin.pid &&
      tid === begin.tid &&
      ts <= end.ts &&
      ts + (dur ?? 0) >= begin.ts,
  )
  // Now and then an event has no processor time.
  return { longest: Math.max(...tasks.map(({ tdur, dur }) => (tdur ?? dur ?? 0) / 1000)), tasks: tasks.length }
}

async function pageWith(rows: number, cols: number): Promise<Page> {
  const page = await browser.newPage()
  await page.goto(`${site.origin}/page.html`)
  await page.evaluate(`void (window.made = makeData(${rows}, ${cols}))`)
  return page
}

describe('100,000 x 50', () => {
  test('the measure sees a fit that blocks', async () => {
    const page = await pageWith(100_000, 50)
    const { longest } = await longestTask(page, `new lanefit.LogisticRegression().fitSync(made.X, made.y)`)
    expect(longest).toBeGreaterThan(LONG_TASK_MS)
    await page.close()
  })

  test.each(['lbfgs', 'newton', 'sgd', 'gd'])(
    '%s: from the first call on a new page, X copied in, to the model',
    async (solver) => {
      const page = await pageWith(100_000, 50)
      const { longest, tasks } = await longestTask(
        page,
        `await new lanefit.LogisticRegression({ solver: '${solver}', epochs: 10 }).fit(made.X, made.y)`,
      )
      expect(longest).toBeLessThan(LONG_TASK_MS)
      expect(tasks).toBeGreaterThan(5)
      await page.close()
    },
  )

  test('with weights, validation data and rows in arrays', async () => {
    const page = await pageWith(100_000, 50)
    const { longest } = await longestTask(
      page,
      `const { X, y, sampleWeight } = made
       await new lanefit.LogisticRegression({ classWeight: 'balanced' }).fit(made.rows, y, {
         sampleWeight, validation: { X, y, sampleWeight },
       })`,
    )
    expect(longest).toBeLessThan(LONG_TASK_MS)
    await page.close()
  })
})

test.each(['newton', 'sgd'])('a million rows, labels and weights: %s', async (solver) => {
  const page = await pageWith(1_000_000, 4)
  const { longest } = await longestTask(
    page,
    `await new lanefit.LogisticRegression({ solver: '${solver}', epochs: 3, classWeight: 'balanced' }).fit(made.X, made.y, {
       sampleWeight: made.sampleWeight,
     })`,
  )
  expect(longest).toBeLessThan(LONG_TASK_MS)
  await page.close()
})
