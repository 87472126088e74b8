/**
 * What lanefit promises in any runtime, checked in the one that runs this: `RUNTIME runtime-checks.mjs`. One line of JSON a
 * check: { check, answer } or { check, error }. try-runtimes.mjs compares the answers; those of one name are the same
 * everywhere.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import * as lanefit from '../dist/node.js'

const { csvBatches, gaussians, init, kernelInfo, LogisticRegression, MLPClassifier, readCsv } = lanefit
const file = new URL('../examples/data/breast-cancer.csv', import.meta.url)
const path = fileURLToPath(file)
const text = readFileSync(path, 'utf8')
const options = { target: 'diagnosis' }

const hash = (...values) => {
  const sum = createHash('sha256')
  for (const value of values) sum.update(typeof value === 'string' ? value : new Uint8Array(value.buffer))
  return sum.digest('hex').slice(0, 12)
}
const fit = async (X, y, fitOptions) => new LogisticRegression().fit(X, y, fitOptions)
const bitsOf = (model) => hash(JSON.stringify(model))

const data = await readCsv(path, options)
/** Enough for threads to share, and for an abort to come in the middle. */
const big = gaussians({ rows: 40_000, cols: 40, seed: 3, centre: 0.1 })
let reference

function serve() {
  const server = createServer((_request, response) => response.end(text))
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve({ url: `http://127.0.0.1:${server.address().port}/`, server }))
  })
}

async function aborted(fitOptions) {
  const controller = new AbortController()
  const reason = new Error('enough')
  const model = new MLPClassifier({ epochs: 100_000, tol: false })
  setTimeout(() => controller.abort(reason), 100)
  try {
    await model.fit(big.X, big.y, { ...fitOptions, signal: controller.signal })
  } catch (error) {
    return error === reason ? 'by the reason given' : String(error)
  }
  return 'not at all'
}

const checks = {
  async 'bits of a fit'() {
    reference = await fit(data.X, data.y)
    return bitsOf(reference)
  },
  'bits of fitSync'() {
    return bitsOf(new LogisticRegression().fitSync(data.X, data.y))
  },
  'bits of probabilities'() {
    return hash(reference.predictProba(data.X).data)
  },
  'bits of a network'() {
    return hash(
      new MLPClassifier({ epochs: 5, hiddenSizes: [16], seed: 1 }).fitSync(data.X, data.y).predictProba(data.X).data,
    )
  },
  'JSON there and back'() {
    const loaded = LogisticRegression.fromJSON(JSON.stringify(reference))
    return hash(loaded.predictProba(data.X).data, JSON.stringify(loaded))
  },
  async 'path, file:, http:, Blob, stream, batches'() {
    const { url, server } = await serve()
    const blob = new Blob([text])
    const loss = []
    for (const source of [path, file, url, blob, blob.stream()]) {
      const set = await readCsv(source, options)
      loss.push((await fit(set.X, set.y)).loss)
      set.dispose()
    }
    server.closeAllConnections?.()
    server.close()
    let rows = 0
    for await (const batch of csvBatches(path, { ...options, batchRows: 100 })()) rows += batch.X.rows
    return `${new Set(loss).size} loss, ${rows} rows in batches`
  },
  async 'fit in a worker'() {
    return bitsOf(await fit(data.X, data.y, { worker: true }))
  },
  'an abort': () => aborted({}),
  'an abort in a worker': () => aborted({ worker: true }),
  async 'two threads'() {
    const alone = bitsOf(await fit(big.X, big.y))
    await init({ threads: 2 })
    const { threads } = kernelInfo()
    const both = bitsOf(await fit(big.X, big.y))
    await init({ threads: 1 })
    return `${threads}, ${alone === both ? `same bits ${both}` : 'other bits'}`
  },
  async 'relaxed, scalar, js'() {
    const own = []
    for (const variant of ['relaxed', 'scalar', 'js', 'simd']) {
      try {
        await init({ variant })
        const { loss } = await fit(data.X, data.y)
        own.push(`${variant} ${Math.abs(loss / reference.loss - 1) < 1e-6 ? 'ok' : loss}`)
      } catch (error) {
        own.push(`${variant} ${error.code ?? error}`)
      }
    }
    return own.join(', ')
  },
  'memory given back'() {
    for (const set of [data, big]) set.dispose()
    return `${kernelInfo().liveBytes} live bytes`
  },
}

for (const [check, run] of Object.entries(checks)) {
  try {
    console.log(JSON.stringify({ check, answer: await run() }))
  } catch (error) {
    console.log(JSON.stringify({ check, error: String(error?.stack ?? error) }))
  }
}
