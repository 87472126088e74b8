import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { open, writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { breastCancer, Folder, iris, lanefit, type Running, start, until } from './lanefit.ts'

const folder = new Folder()
const modelPath = folder.in('model.json')
const [header = '', firstRow = ''] = readFileSync(breastCancer, 'utf8').split('\r\n')

beforeAll(async () => {
  await lanefit(['train', breastCancer, '-t', 'diagnosis', '-o', modelPath])
  folder.file('ragged.csv', 'a,b,y\n1,2,p\n3,4\n')
  folder.file('missing.csv', 'a,b,y\n1,2,p\n3,,q\n')
  folder.file('text.csv', 'a,b,y\n1,2,p\n3,red,q\n')
  folder.file('one.csv', 'a,b,y\n1,2,p\n3,4,p\n')
  folder.file('header.csv', 'a,b,y\n')
  folder.file('infinite.csv', 'a,b,y\n1,2,p\n3,Infinity,q\n')
  folder.file('twice.csv', 'a,a,y\n1,2,p\n')
  folder.file('separable.csv', `a,y\n${Array.from({ length: 40 }, (_, i) => `${i},${i < 20 ? 0 : 1}\n`).join('')}`)
  folder.file('two.csv', 'a,y\n1,p\n2,q\n')
  folder.file('few.csv', 'a,y\n1,p\n2,p\n3,p\n4,q\n5,p\n')
  folder.file('data.csv.gz', gzipSync('a,y\n1,p\n2,q\n'))
  folder.file('latin.csv', Buffer.from('größe,y\n1,p\n2,q\n', 'latin1'))
  folder.file('damaged.json', readFileSync(modelPath, 'utf8').replace(/"intercept":-?\d/, '"intercept":7'))
  folder.file('truncated.json', readFileSync(modelPath, 'utf8').slice(0, 300))
})
afterAll(() => folder.remove())

/** The one line of a failure, with nothing else anywhere. */
async function failure(args: readonly string[], code: number, input = ''): Promise<string> {
  const outcome = await lanefit(args, { input, cwd: folder.path })
  expect(outcome.stdout).toBe('')
  expect(outcome.code, outcome.stderr).toBe(code)
  expect(outcome.stderr).not.toMatch(/\n {4}at /)
  const lines = outcome.stderr.trimEnd().split('\n')
  if (code === 1) expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/^lanefit: /)
  return outcome.stderr
}

describe('a failure is exit code 1 and one line that says what to do', () => {
  test.each([
    ['nothing.csv -t y', /^lanefit: nothing\.csv: no such file or directory$/m],
    ['. -t y', /^lanefit: \.: is a directory$/m],
    [`${breastCancer} -t Diagnosi`, /there is no column "Diagnosi" among .* Did you mean "diagnosis"\?$/m],
    ['ragged.csv -t y', /ragged\.csv: line 3: expected 3 fields, got 2/],
    [
      'missing.csv -t y',
      /missing\.csv: line 3: column "b" has no value.* --missing drop, .* --missing mean, .* --drop "b"$/m,
    ],
    ['text.csv -t y', /text\.csv: line 3: column "b" has "red", which is no number.* --drop "b" .*--missing-values$/m],
    ['infinite.csv -t y', /line 3: column "b" has "Infinity", which is not finite.*--missing-values$/m],
    ['twice.csv -t y', /line 1: columns 1 and 2 are both called "a".*, add --no-header$/m],
    ['one.csv -t y', /column "y" has only the label "p"/],
    ['header.csv -t y', /header\.csv: the data have a header and no rows/],
    ['two.csv -t y', /two\.csv: .*leave at least one of 2 rows to train/],
    ['few.csv -t y --split 40/30/30', /few\.csv: .*add --no-stratify$/m],
    ['data.csv.gz -t y', /data\.csv\.gz: the data are packed by gzip\. Unpack/],
    ['latin.csv -t y', /latin\.csv: .* not utf-8 text\. .*, as in --encoding windows-1252$/m],
    [
      'http://127.0.0.1:9/a.csv -t y',
      /^lanefit: http:\/\/127\.0\.0\.1:9\/a\.csv could not be fetched: (?!fetch failed)/,
    ],
    ['separable.csv -t y --l2 0', /separable\.csv: the classes can be separated exactly.* --l2 above 0, or --C$/m],
    [`${breastCancer} -t diagnosis --solver gd --learning-rate 1000`, /Try --learning-rate 0\.1/],
    [`${iris} -t sepal_length --drop species`, /column "sepal_length" has 35 classes/],
    [`${iris} -t species --positive rose`, /--positive: there is no label "rose" among setosa/],
    [`${breastCancer} -t diagnosis --positive rose`, /--positive: there is no label "rose" among benign, malignant/],
    [`${breastCancer} -t diagnosis --class-weight good=2`, /classWeight: "good" is none of the classes/],
    [`${breastCancer} -t diagnosis --out no/where.json`, /^lanefit: no\/where\.json: no such file or directory$/m],
    [`${breastCancer} -t diagnosis --out .`, /^lanefit: \.: is a directory$/m],
  ])('train %s', async (args, message) => {
    expect(await failure(['train', ...args.split(' ')], 1)).toMatch(message)
  })

  test.each([
    ['predict nothing.json', /^lanefit: nothing\.json: no such file or directory$/m],
    [`predict ${breastCancer} ${breastCancer}`, /breast-cancer\.csv: the text is not JSON/],
    ['predict truncated.json', /truncated\.json: the text is not JSON: truncated/],
    ['predict damaged.json', /damaged\.json: the checksum does not match/],
    ['predict model.json one.csv', /one\.csv: 30 of the model's 30 columns are not there: mean_radius, mean_texture, /],
    ['predict model.json nothing.csv --out new.csv', /nothing\.csv: no such file/],
    ['predict model.json ragged.csv', /ragged\.csv: line 3: expected 3 fields, got 2/],
    ['evaluate model.json header.csv -t y', /header\.csv: 30 of the model's/],
    [`evaluate model.json ${breastCancer} -t mean_radius`, /line 2: expected a label of the model .*, got "17\.99"/],
    [`evaluate model.json ${breastCancer} -t nothing`, /target: there is no column "nothing"/],
    ['info nothing.json', /nothing\.json: no such file/],
    ['info model.json --positive rose', /no label "rose"/],
  ])('%s', async (args, message) => {
    expect(await failure(args.split(' '), 1)).toMatch(message)
    expect(folder.has('new.csv')).toBe(false)
  })

  test('advice is what the command can do', async () => {
    const text = `${header}\n${firstRow.replace(/^[^,]+/, '')}\n`
    expect(await failure(['predict', modelPath], 1, text)).not.toMatch(/--drop/)
    expect(await failure(['predict', modelPath], 1, text.replace('\n,', '\nred,'))).not.toMatch(/--drop/)
  })

  test('one column of the model that is missing may be misspelt', async () => {
    const text = `${header.replace('mean_area', 'mean-area')}\n${firstRow}\n`
    const message = await failure(['predict', modelPath], 1, text)
    expect(message).toMatch(/standard input: .*no column "mean_area" .* Did you mean "mean-area"\?/)
  })

  test('data that have predictions already', async () => {
    const text = `${header},prediction\n${firstRow},benign\n`
    expect(await failure(['predict', modelPath], 1, text)).toMatch(
      /already have a column "prediction".*--only-predictions/,
    )
  })

  test('standard input with nothing in it', async () => {
    const empty = /standard input: the data are empty/
    expect(await failure(['train', '-', '-t', 'y'], 1)).toMatch(empty)
    expect(await failure(['predict', modelPath], 1)).toMatch(empty)
    expect(await failure(['evaluate', modelPath, '-t', 'y'], 1)).toMatch(empty)
  })

  test('LANEFIT_DEBUG=1 shows where it came from', async () => {
    const { code, stderr } = await lanefit(['train', 'nothing.csv', '-t', 'y'], { env: { LANEFIT_DEBUG: '1' } })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^lanefit: nothing\.csv: no such file or directory\n/)
    expect(stderr).toMatch(/ENOENT[\s\S]*\n +at /)
  })
})

describe('wrong usage is exit code 2', () => {
  const train = `train ${breastCancer} -t diagnosis`
  test.each([
    ['frobnicate', /unknown command 'frobnicate'/],
    ['trian data.csv', /unknown command 'trian' \(Did you mean train\?\)/],
    ['train', /missing required argument 'data'/],
    [`train ${breastCancer}`, /required option '-t, --target <column>' not specified/],
    [`train ${breastCancer} --targt diagnosis`, /unknown option '--targt' \(Did you mean --target\?\)/],
    ['evaluate model.json', /required option '-t, --target <column>'/],
    [`${train} --l2 lots`, /--l2 <number>' argument 'lots' is invalid\. Expected a number of at least 0\./],
    [`${train} --C 0`, /Expected a number above 0\./],
    [`${train} --C -1`, /Expected a number above 0\./],
    [`${train} --tol NaN`, /Expected a number/],
    [`${train} --max-iter 2.5`, /Expected a whole number of at least 1\./],
    [`${train} --seed -1`, /Expected a whole number of at least 0\./],
    [`${train} --threshold 1.5`, /Expected a number from 0 to 1\./],
    [`${train} --split 70/40`, /Expected shares that sum to 100/],
    [`${train} --split a/b`, /Expected shares that sum to 100/],
    [`${train} --class-weight benign`, /Expected "balanced" or label=weight/],
    [`${train} --delimiter ab`, /Expected one character/],
    [`${train} --model forest`, /Allowed choices are logistic\./],
    [`${train} --missing ignore`, /Allowed choices are error, drop, mean\./],
    [`${train} --variant fast`, /Allowed choices are simd, relaxed, scalar, js\./],
    [`${train} --C 1 --l2 1`, /'--C <number>' cannot be used with option '--l2 <number>'/],
    [`${train} --epochs 3`, /--epochs: only with --solver sgd/],
    [`${train} --learning-rate 1 --solver newton`, /--learning-rate: only with --solver gd or sgd/],
    [`${train} --solver sgd --max-iter 5`, /--max-iter: only with --solver/],
    [`${train} --split 80/20 --threshold best`, /--threshold best: needs a validation part/],
    [`${train} --out -`, /Expected the name of a file\./],
    [`${train} more`, /too many arguments/],
    ['predict model.json --threshold x', /Expected a number from 0 to 1\./],
  ])('%s', async (args, message) => {
    expect(await failure(args.split(' '), 2)).toMatch(message)
  })

  test('a path that is empty, as of a variable that is not set', async () => {
    expect(await failure(['train', '', '-t', 'y'], 2)).toMatch(/^lanefit: no data: the path is empty$/m)
  })

  test('no command at all shows the help, on standard error', async () => {
    const { code, stdout, stderr } = await lanefit([])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('Start here:')
  })
})

test.each(['', 'train', 'predict', 'evaluate', 'info'])('%s --help fits a terminal and has examples', async (name) => {
  const { code, stdout, stderr } = await lanefit([...(name ? [name] : []), '--help'])
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^Usage: lanefit/)
  expect(stdout).toMatch(/^(Examples|Start here):/m)
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
})

describe('a signal ends the work and leaves nothing half-done', () => {
  async function interrupted({ child, ended }: Running, signal: NodeJS.Signals, code: number): Promise<void> {
    child.kill(signal)
    const outcome = await ended
    expect(outcome.code).toBe(code)
    expect(outcome.stdout).toBe('')
    expect(outcome.stderr).toMatch(/(^|\n)lanefit: interrupted\n$/)
  }

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s while reading', async (signal, code) => {
    const before = folder.list()
    const running = start(['train', '-', '-t', 'y', '-o', 'new.json', '--progress'], { cwd: folder.path })
    running.child.stdin.write(`a,y\n${'1,0\n2,1\n'.repeat(50_000)}`)
    await until(() => running.outcome.stderr.includes('Reading'), 'the progress bar')
    await interrupted(running, signal, code)
    expect(folder.list()).toEqual(before)
  })

  test('SIGINT while training', async () => {
    folder.file('model.json.before', folder.read('model.json'))
    const before = folder.list()
    const slow = ['--solver', 'gd', '--tol', '0', '--max-iter', '100000000']
    const args = ['train', breastCancer, '-t', 'diagnosis', ...slow, '-o', modelPath, '--progress']
    const running = start(args)
    await until(() => running.outcome.stderr.includes('Training'), 'the training bar')
    await interrupted(running, 'SIGINT', 130)
    expect(folder.list()).toEqual(before)
    expect(folder.read('model.json')).toBe(folder.read('model.json.before'))
  })

  test('SIGINT while predicting into a file', async () => {
    const before = folder.list()
    const running = start(['predict', modelPath, '-', '-o', 'new.csv'], { cwd: folder.path })
    running.child.stdin.write(`${header}\n${`${firstRow}\n`.repeat(2000)}`)
    await until(() => folder.list().some((name) => name.endsWith('.tmp') && folder.read(name) !== ''), 'some output')
    expect(folder.has('new.csv')).toBe(false)
    await interrupted(running, 'SIGINT', 130)
    expect(folder.list()).toEqual(before)
  })

  describe('named pipes', () => {
    const pipe = folder.in('pipe')
    beforeAll(() => void execFileSync('mkfifo', [pipe]))
    afterAll(() => rmSync(pipe))

    test('SIGINT while nobody writes to it', async () => {
      const running = start(['train', pipe, '-t', 'y', '--progress'])
      // It opens the pipe when it has started; nothing can be seen of that.
      await new Promise((resolve) => setTimeout(resolve, 1000))
      await interrupted(running, 'SIGINT', 130)
    })

    test('a failure while its writer is silent', async () => {
      const { ended } = start(['train', pipe, '-t', 'y'])
      const writer = await open(pipe, 'w')
      try {
        // Enough for the reader to begin; it turns away before the end.
        await writer.write(`a,y\n1,2,3\n${'1,2\n'.repeat(50_000)}`).catch(() => {})
        expect(await ended).toMatchObject({
          code: 1,
          stderr: expect.stringMatching(/line 2: expected 2 fields, got 3/),
        })
      } finally {
        await writer.close()
      }
    })

    test('are read to their end', async () => {
      const { ended } = start(['train', pipe, '-t', 'diagnosis', '--json'])
      await writeFile(pipe, readFileSync(breastCancer))
      const { code, stdout } = await ended
      expect([code, JSON.parse(stdout).data.rows]).toEqual([0, 569])
    })
  })

  test('so does a failure half-way', async () => {
    folder.file('old.csv', 'old\n')
    const before = folder.list()
    const input = `${header}\n${`${firstRow}\n`.repeat(2000)}1,2,3\n`
    expect(await failure(['predict', modelPath, '-', '-o', 'old.csv'], 1, input)).toMatch(
      /line 2002: expected 31 fields/,
    )
    expect(folder.list()).toEqual(before)
    expect(folder.read('old.csv')).toBe('old\n')
  })
})
