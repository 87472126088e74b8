import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LogisticRegression, metrics, readCsv } from '../../src/node.ts'
import { breastCancer, Folder, feed, iris, lanefit, start, until } from './lanefit.ts'

const folder = new Folder()
afterAll(() => folder.remove())

const csv = readFileSync(breastCancer, 'utf8').replaceAll('\r', '')
const [header = '', ...rows] = csv.trimEnd().split('\n')
const modelPath = folder.in('model.json')
let model: LogisticRegression

beforeAll(async () => {
  const { code, stderr } = await lanefit(['train', breastCancer, '-t', 'diagnosis', '--out', modelPath])
  expect(code, stderr).toBe(0)
  model = LogisticRegression.fromJSON(folder.read('model.json'))
})

const lines = (text: string) => text.trimEnd().split('\n')

describe('predict', () => {
  test('gives what model.predict and predictProba give, behind the columns of the input', async () => {
    const { code, stdout, stderr } = await lanefit(['predict', modelPath], { input: csv })
    expect(code, stderr).toBe(0)
    expect(stderr).toBe('')
    const [head, ...predicted] = lines(stdout)
    expect(head).toBe(`${header},prediction,probability_benign,probability_malignant`)
    using data = await readCsv(breastCancer, { target: 'diagnosis' })
    const labels = model.predict(data.X)
    const { data: proba } = model.predictProba(data.X)
    expect(predicted).toHaveLength(569)
    for (const [i, line] of predicted.entries()) {
      const fields = line.split(',')
      expect(fields.slice(0, 31).join(',')).toBe(rows[i])
      expect(fields[31]).toBe(labels[i])
      expect(Number(fields[32])).toBeCloseTo(proba[2 * i]!, 5)
      expect(Number(fields[33])).toBeCloseTo(proba[2 * i + 1]!, 5)
    }
  })

  test('finds columns by name, whatever their order and whatever else there is', async () => {
    const shuffled = lines(csv).map((line, i) => {
      const [first, ...rest] = line.split(',')
      return [i === 0 ? 'id' : `row ${i}`, ...rest.reverse(), first].join(',')
    })
    const args = ['predict', modelPath, '-', '--only-predictions', '--proba']
    const [plain, other] = await Promise.all([csv, `${shuffled.join('\n')}\n`].map((input) => lanefit(args, { input })))
    expect(other?.stdout).toBe(plain?.stdout)
    expect(lines(plain!.stdout)[0]).toBe('prediction,probability_benign,probability_malignant')
  })

  test.each([
    [['--only-predictions'], 'prediction'],
    [['--no-proba'], `${header},prediction`],
  ])('%j', async (args, expected) => {
    const { stdout } = await lanefit(['predict', modelPath, breastCancer, ...args])
    expect(lines(stdout)[0]).toBe(expected)
    expect(lines(stdout)).toHaveLength(570)
  })

  test('--threshold decides', async () => {
    using data = await readCsv(breastCancer, { target: 'diagnosis' })
    const { stdout } = await lanefit(['predict', modelPath, breastCancer, '--only-predictions', '--threshold', '0.9'])
    expect(lines(stdout).slice(1)).toEqual(model.predict(data.X, { threshold: 0.9 }))
  })

  test('writes a file, also over its own input', async () => {
    const path = folder.file('both.csv', csv)
    const { code, stdout } = await lanefit(['predict', modelPath, path, '--out', path])
    expect([code, stdout]).toEqual([0, ''])
    expect(lines(folder.read('both.csv'))).toHaveLength(570)
    expect(lines(folder.read('both.csv'))[1]).toMatch(/,malignant,malignant,[\d.e-]+,[\d.e-]+$/)
  })

  test('keeps the delimiter, quotes what needs it, and goes by position where there are no names', async () => {
    const path = folder.in('semicolons.json')
    const text = 'size;"a;b";kind\n1;2;"x;1"\n2;1;"x;1"\n8;9;y\n9;7;y\n'.replace(/^(\d.*\n)/gm, '$1$1$1$1')
    await lanefit(['train', '-', '-t', 'kind', '--split', '100', '-o', path], { input: text })
    const named = await lanefit(['predict', path, '-', '--no-proba'], { input: '"a;b";note;size\n2;"p;q";1\n' })
    expect(named.stdout).toBe('"a;b";note;size;prediction\n2;"p;q";1;"x;1"\n')
    const bare = await lanefit(['predict', path, '-', '--no-proba'], { input: '9;9\n1;1\n' })
    expect(bare.stdout).toBe('9;9;y\n1;1;"x;1"\n')
    const wrong = await lanefit(['predict', path], { input: '9;9;9\n1;1;1\n' })
    expect(wrong.stderr).toMatch(/expected 2 feature columns as in training, got 3/)
  })

  test('a header alone is no error', async () => {
    const { code, stdout } = await lanefit(['predict', modelPath, '-', '--no-proba'], { input: `${header}\n` })
    expect([code, stdout]).toEqual([0, `${header},prediction\n`])
  })

  test('fills in the means of training, or drops rows, or refuses where values are missing', async () => {
    const text = `${header}\n${rows[0]!.replace('17.99', '')}\n${rows[1]}\n`
    const call = (...args: string[]) => lanefit(['predict', modelPath, '-', ...args], { input: text })
    const [refused, dropped, filled] = await Promise.all([
      call(),
      call('--missing', 'drop'),
      call('--missing', 'mean', '--only-predictions', '--proba'),
    ])
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(/standard input: line 2: column "mean_radius" has no value.*--missing drop/)
    expect(lines(dropped.stdout)).toHaveLength(2)
    expect(lines(dropped.stdout)[1]).toContain(rows[1])
    const x = rows[0]!.split(',').slice(0, 30).map(Number)
    x[0] = model.columns.mean[0]!
    const [label, benign] = lines(filled.stdout)[1]!.split(',')
    expect(label).toBe(model.predictOne(x).label)
    expect(Number(benign)).toBeCloseTo(1 - model.predictProba([x]).of('malignant')[0]!, 6)
  })
})

describe('as a part of a pipe', () => {
  function* endless(): Generator<string> {
    const block = `${rows.slice(0, 100).join('\n')}\n`
    yield `${header}\n`
    for (;;) yield block
  }

  test('ends quietly when its reader does, as in | head', async () => {
    const running = start(['predict', modelPath])
    const fed = feed(running, endless())
    await until(() => running.outcome.stdout.length > 1000, 'the first rows')
    running.child.stdout.destroy()
    const { code, stderr } = await running.ended
    expect([code, stderr]).toEqual([0, ''])
    await fed
  })

  test('needs no more memory for more rows', { timeout: 120_000 }, async () => {
    const peak = `data:text/javascript,process.on('exit',()=>process.stderr.write('peak '+process.resourceUsage().maxRSS))`
    const block = `${rows.join('\n')}\n`
    const use = async (megabytes: number) => {
      const count = Math.ceil((megabytes * 1e6) / block.length)
      function* input() {
        yield `${header}\n`
        for (let i = 0; i < count; i++) yield block
      }
      const running = start(['predict', modelPath, '-', '--only-predictions'], { node: ['--import', peak] })
      await feed(running, input())
      running.child.stdin.end()
      const { code, stdout, stderr } = await running.ended
      expect(code, stderr).toBe(0)
      expect(lines(stdout)).toHaveLength(1 + count * rows.length)
      return Number(stderr.replace('peak ', '')) / 1024
    }
    const little = await use(8)
    const much = await use(80)
    // Of 72 MB; when the collector runs makes up to 40.
    expect(much - little).toBeLessThan(50)
  })
})

describe('evaluate', () => {
  test('measures the model as the library does', async () => {
    const { code, stdout, stderr } = await lanefit(['evaluate', modelPath, breastCancer, '-t', 'diagnosis', '--json'])
    expect(code, stderr).toBe(0)
    const report = JSON.parse(stdout)
    using data = await readCsv(breastCancer, { target: 'diagnosis' })
    const y = data.y as string[]
    const proba = model.predictProba(data.X)
    expect(report).toMatchObject({ rows: 569, positive: 'malignant', threshold: 0.5, bestThreshold: { by: 'f1' } })
    expect(report.metrics.accuracy).toBe(model.score(data.X, y))
    expect(report.metrics.rocAuc).toBeCloseTo(metrics.rocAuc(y, proba), 6)
    expect(report.metrics.logLoss).toBeCloseTo(metrics.logLoss(y, proba), 6)
    expect(report.confusionMatrix).toEqual(metrics.confusionMatrix(y, proba))
    expect(report.bestThreshold.value).toBe(metrics.bestThreshold(y, proba, { metric: 'f1' }).value)
  })

  test('as text: table, matrix, best threshold', async () => {
    const { code, stdout } = await lanefit(['evaluate', modelPath, '-', '-t', '-1', '--threshold', '0.3'], {
      input: csv,
    })
    expect(code).toBe(0)
    for (const text of [
      /569 rows \(benign 357, malignant 212\)/,
      'malignant from probability 0.3',
      /best by F1: 0\.\d+/,
    ])
      expect(stdout).toMatch(text)
    expect(stdout).toMatch(/recall +0\.9\d\d\d/)
    expect(stdout).toMatch(/actual malignant +\d+ +\d+/)
  })

  test('drops rows with missing labels when it may', async () => {
    const input = `${header}\n${rows.slice(0, 40).join('\n')}\n${rows[40]!.replace(/\w+$/, '')}\n`
    const call = (...args: string[]) =>
      lanefit(['evaluate', modelPath, '-', '-t', 'diagnosis', '--json', ...args], { input })
    expect((await call()).stderr).toMatch(/line 42: expected a label of the model \(benign, malignant\), got ""/)
    expect(JSON.parse((await call('--missing', 'drop')).stdout).rows).toBe(40)
  })

  test('what stands for a missing value is no label, as in train', async () => {
    const path = folder.in('rest.json')
    await lanefit(['train', iris, '-t', 'species', '--positive', 'setosa', '-o', path])
    const text = `${readFileSync(iris, 'utf8').trimEnd()}\n5,3,1,0.2,NA\n5,3,1,0.2,-\n`
    const call = (...args: string[]) =>
      lanefit(['evaluate', path, '-', '-t', 'species', '--json', ...args], { input: text })
    const refused = await call()
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/line 152: .*got "NA".*--missing drop/)])
    expect(JSON.parse((await call('--missing', 'drop')).stdout).rows).toBe(151)
    expect(JSON.parse((await call('--missing', 'drop', '--missing-values', 'NA,-')).stdout).rows).toBe(150)
  })

  test('of a model of one class against the rest, all other labels are the rest', async () => {
    const path = folder.in('iris.json')
    await lanefit(['train', iris, '-t', 'species', '--positive', 'setosa', '-o', path])
    const { stdout } = await lanefit(['evaluate', path, iris, '-t', 'species', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({
      classes: [
        { label: '(not setosa)', count: 100 },
        { label: 'setosa', count: 50 },
      ],
      metrics: { accuracy: 1 },
    })
  })
})

describe('info', () => {
  test('of a model', async () => {
    const { code, stdout } = await lanefit(['info', modelPath, '--top', '3'])
    expect(code).toBe(0)
    for (const text of ['logistic regression, newton', 'benign, malignant', '30 features', 'Strongest of 30'])
      expect(stdout).toContain(text)
    expect(
      lines(stdout)
        .slice(-3)
        .every((line) => /^\w+ +[+-]\d/.test(line)),
    ).toBe(true)
    const json = JSON.parse((await lanefit(['info', modelPath, '--json'])).stdout)
    expect(json).toMatchObject({
      classes: ['benign', 'malignant'],
      nFeatures: 30,
      threshold: 0.5,
      positive: 'malignant',
    })
    expect(json.coefficients).toHaveLength(30)
  })

  test('of the installation', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    const { stdout } = await lanefit(['info'])
    expect(stdout).toContain(version)
    expect(stdout).toContain(process.version)
    expect(stdout).toMatch(/Kernel {4}simd \(/)
    const json = JSON.parse((await lanefit(['info', '--json', '--variant', 'scalar'])).stdout)
    expect(json).toMatchObject({ version, kernel: { variant: 'scalar', reason: 'asked for by init' } })
  })
})
