import { expect, test } from 'vitest'
import { lower } from '../../scripts/plain-using.mjs'

const source = `function run(open, log) {
  using a = open('a')
  using b = open(
    'b',
  )
  using none = undefined
  if (b) {
    using c = open('c')
    log('c is open')
  }
  log('before the end')
  return 'all'
}`

const run = new Function('open', 'log', `${lower(source)}\nreturn run(open, log)`)

function trial(fails?: string): string[] {
  const said: string[] = []
  const log = (words: string) => {
    said.push(words)
    if (words === fails) throw new Error(words)
  }
  const open = (name: string) => {
    log(`open ${name}`)
    return { dispose: () => said.push(`close ${name}`) }
  }
  try {
    said.push(run(open, log))
  } catch (error) {
    said.push(`error: ${(error as Error).message}`)
  }
  return said
}

test('what is opened is closed in the opposite order, at the end of its block', () => {
  const opened = ['open a', 'open b', 'open c', 'c is open', 'close c', 'before the end']
  expect(trial()).toEqual([...opened, 'close b', 'close a', 'all'])
})

test('also after an error', () => {
  expect(trial('open b')).toEqual(['open a', 'open b', 'close a', 'error: open b'])
  const opened = ['open a', 'open b', 'open c', 'c is open', 'close c', 'close b', 'close a']
  expect(trial('c is open')).toEqual([...opened, 'error: c is open'])
})

test('a block without an end is refused', () => {
  expect(() => lower('  using a = b()\n  a.c()')).toThrow('where does its block end?')
})
