/**
 * liblinear-train as a command: reading its text file is part of it, and is timed apart by stopping at once. Float64;
 * solver 0 is the primal one, 7 the dual. The intercept is penalised, but as a column of 100 hardly.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cheapest, Missing } from './shared.mjs'

const COMMAND = '/usr/bin/liblinear-train'
const BIAS = 100

function writeProblem(file, { rows, cols }, { X, y }) {
  const lines = Array.from({ length: rows }, (_, i) => {
    const row = Array.from(X.subarray(i * cols, (i + 1) * cols), (value, k) => `${k + 1}:${value}`)
    return `${y[i] === 1 ? '+1' : '-1'} ${row.join(' ')}`
  })
  writeFileSync(file, `${lines.join('\n')}\n`)
}

/** [weights, intercept] of a model file; its first label may be the negative one. */
function readModel(file) {
  const text = readFileSync(file, 'utf8')
  const sign = /^label (-?\d)/m.exec(text)[1] === '1' ? 1 : -1
  const w = text
    .slice(text.indexOf('\nw\n') + 3)
    .trim()
    .split(/\s+/)
    .map((value) => sign * Number(value))
  w[w.length - 1] *= BIAS
  return w
}

export default {
  async fit(spec, data, variant) {
    if (!existsSync(COMMAND)) throw new Missing(`${COMMAND} is not installed (Debian: liblinear-tools)`)
    const [problem, model] = [`${data.folder}/liblinear-${variant}.txt`, `${data.folder}/liblinear-${variant}.model`]
    writeProblem(problem, spec, data)
    const train = (tolerance) => {
      const options = [
        '-q',
        '-s',
        variant,
        '-B',
        BIAS,
        '-c',
        1 / (spec.l2 * spec.rows),
        '-e',
        tolerance,
        problem,
        model,
      ]
      const { status, error } = spawnSync(COMMAND, options.map(String), { timeout: spec.capMs })
      if (status !== 0) throw new Error(`liblinear-train ended as ${status ?? error}`)
    }
    const solve = (tolerance) => {
      train(tolerance)
      return readModel(model)
    }
    const tolerance = await cheapest(spec, data, [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6], solve)
    const begin = performance.now()
    train(1e9)
    const reading = Math.round(performance.now() - begin)
    return {
      run: () => train(tolerance),
      answer: () => readModel(model),
      note: `-s ${variant} -e ${tolerance}; about ${reading} ms of it is reading its text file`,
    }
  },
}
