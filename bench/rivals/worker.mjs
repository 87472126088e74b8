/**
 * One contender at one workload, in a process of its own: `node worker.mjs ADAPTER VARIANT FOLDER ANSWER`. It reads
 * FOLDER/spec.json and the data beside it, does the work once, writes what came out to ANSWER (float64), says so, and
 * then takes a sample for every line on its standard input. native.py speaks the same protocol:
 *
 *   -> @{"ready": ms of the first call, "pieces": done for the answer, "note": what to know about it}
 *   <- sample    -> @{"ms": of a call or piece}
 *   -> @{"p": the probability that a cold start ends with}
 *   -> @{"capped": ms, "note": how far it came}                           -> @{"missing": why}   -> @{"error": what}
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Capped, dataOf, Missing } from './adapters/shared.mjs'

const [, , adapter, variant, folder, answerFile] = process.argv
const spec = JSON.parse(readFileSync(`${folder}/spec.json`, 'utf8'))
const say = (message) => process.stdout.write(`@${JSON.stringify(message)}\n`)

/** A sample fills at least this time, and is not the first to touch its data after others had the caches. */
const SAMPLE_MS = 10
const UNTIMED_MS = 60
/** Untimed calls go on for so long: threads that wake up may take that until each is on a processor of its own. */
const AWAKE_MS = 30
/** A first piece that takes longer, whatever else the call does, is all that is asked for. */
const LONG_FIRST_MS = 700
/** Calls before anything is timed go on for so long. */
const WARM_MS = 250
/** What is subtracted must be small beside what is left: so much work of pieces, if that many are allowed. */
const PIECES_MS = 80
/** A piece that takes longer is timed by itself: what else the call does is nothing beside it. */
const LONG_PIECE_MS = 150

async function timeOf(call) {
  const begin = performance.now()
  const promise = call()
  if (promise instanceof Promise) await promise
  return performance.now() - begin
}

/** Milliseconds a call, of calls enough to be timed. */
async function sampleCalls({ run }, once) {
  if (once <= UNTIMED_MS) for (let spent = 0; spent < AWAKE_MS; ) spent += await timeOf(run)
  const calls = Math.max(1, Math.ceil(SAMPLE_MS / once))
  const total = await timeOf(() => {
    let last
    for (let i = 0; i < calls; i++) last = run()
    return last
  })
  return total / calls / (spec.divide ?? 1)
}

/** Milliseconds a piece (an epoch, a step): what a call of more pieces takes longer than a call of one. */
async function samplePieces({ run }, piece) {
  if (piece > LONG_PIECE_MS) return timeOf(() => run(1))
  const more = Math.min(spec.pieces, Math.ceil(PIECES_MS / piece))
  if (piece * more < UNTIMED_MS) await timeOf(() => run(1 + more))
  let total = 0
  const times = Math.min(6, Math.max(2, Math.ceil(PIECES_MS / (piece * more) / 4)))
  for (let i = 0; i < times; i++) {
    const one = await timeOf(() => run(1))
    total += (await timeOf(() => run(1 + more))) - one
  }
  return total / times / more
}

try {
  const { default: kinds } = await import(`./adapters/${adapter}.mjs`)
  if (spec.kind === 'cold') {
    say({ p: await kinds.cold(spec, dataOf(spec, folder), variant) })
    process.exit(0)
  }
  const work = await kinds[spec.kind](spec, dataOf(spec, folder), variant)
  const first = await timeOf(() => work.run(spec.pieces && 1))
  // Who takes long has done enough for its answer to be judged.
  const pieces = spec.pieces && first > LONG_FIRST_MS ? 1 : spec.pieces
  const whole = pieces > 1 ? await timeOf(() => work.run(pieces)) : first
  writeFileSync(answerFile, Float64Array.from(await work.answer()))
  say({ ready: first, pieces, note: work.note })
  // What compilers make of it comes with the calls.
  let last = whole
  for (let spent = first + whole; spent < WARM_MS; spent += last) last = await timeOf(() => work.run(pieces))
  const piece = pieces > 1 ? Math.max(whole - first, whole / 100) / (pieces - 1) : first
  for await (const _ of createInterface({ input: process.stdin })) {
    say({ ms: await (spec.pieces ? samplePieces(work, piece) : sampleCalls(work, last)) })
  }
} catch (error) {
  if (error instanceof Capped) say({ capped: error.ms, note: error.message })
  else if (error instanceof Missing) say({ missing: error.message })
  else say({ error: `${error.name}: ${error.message}` })
}
process.exit(0)
