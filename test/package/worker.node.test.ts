/** `worker: true` in Node's own processes, from what is in dist/. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { node, root } from './packed.ts'

const url = (file: string) => JSON.stringify(`file://${join(root, 'dist', file)}`)

const work = `
  const { X, y } = gaussians({ rows: 400, cols: 3, centre: 0.5 })
  const [here, there] = [new LogisticRegression(), new LogisticRegression()]
  here.fitSync(X, y)
  await there.fit(X, y, { worker: true })
  console.log(JSON.stringify(here) === JSON.stringify(there))`

const run = (type: 'module' | 'commonjs', text: string, ...flags: string[]) =>
  node(root, ...flags, `--input-type=${type}`, '--eval', text)

describe('a process that has fitted in a worker', () => {
  test.each([
    ['node.js', 'module', `import { gaussians, LogisticRegression } from ${url('node.js')}\n${work}`],
    ['index.js', 'module', `import { gaussians, LogisticRegression } from ${url('index.js')}\n${work}`],
    [
      'cjs/node.js',
      'commonjs',
      `const { gaussians, LogisticRegression } = require('./dist/cjs/node.js'); (async () => {${work}})()`,
    ],
    [
      'cjs/index.js',
      'commonjs',
      `const { gaussians, LogisticRegression } = require('./dist/cjs/index.js'); (async () => {${work}})()`,
    ],
  ] as const)('%s: has the same model, and ends by itself at once', async (_, type, text) => {
    const begin = performance.now()
    const { code, stdout, stderr } = await run(type, text)
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'true\n', stderr: '' })
    // An idle worker waits 5 s for the next fit; not the process.
    expect(performance.now() - begin).toBeLessThan(4500)
  })

  test('stays alive until the fit has ended, though nobody awaits it', async () => {
    const text = `import { gaussians, LogisticRegression } from ${url('node.js')}
      const { X, y } = gaussians({ rows: 50_000, cols: 20, centre: 0.1 })
      new LogisticRegression({ solver: 'gd' }).fit(X, y, { worker: true }).then((model) => console.log(model.classes.length))`
    expect(await run('module', text)).toEqual({ code: 0, stdout: '2\n', stderr: '' })
  })

  test('may leave in the middle of one', async () => {
    const text = `import { gaussians, LogisticRegression } from ${url('node.js')}
      const { X, y } = gaussians({ rows: 1000 })
      await new LogisticRegression({ solver: 'gd', tol: 0, maxIter: 1e9 }).fit(X, y, {
        worker: true,
        onProgress: ({ iteration }) => iteration === 5 && process.exit(7),
      })`
    expect(await run('module', text)).toMatchObject({ code: 7, stdout: '' })
  })

  test('keeps its own flags to itself', async () => {
    const preload = `data:text/javascript,${encodeURIComponent(`console.log('preloaded')`)}`
    const text = `import { gaussians, LogisticRegression } from ${url('node.js')}\n${work}`
    const { code, stdout } = await run('module', text, '--import', preload)
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'preloaded\ntrue\n' })
  })
})
