import { chmodSync, readFileSync, rmSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { afterAll, describe, expect, test } from 'vitest'
import { LogisticRegression, readCsv } from '../../src/node.ts'
import { breastCancer, Folder, iris, lanefit } from './lanefit.ts'

const folder = new Folder()
afterAll(() => folder.remove())

async function trainJson(args: readonly string[], input?: string) {
  const { code, stdout, stderr } = await lanefit(['train', ...args, '--json'], input === undefined ? {} : { input })
  expect(code, stderr).toBe(0)
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

describe('on breast-cancer.csv with the defaults', () => {
  test('reports what it did, on standard output alone', async () => {
    const { code, stdout, stderr } = await lanefit(['train', breastCancer, '--target', 'diagnosis'])
    expect(code).toBe(0)
    expect(stderr).toBe('')
    for (const text of [
      '569 rows, 30 features',
      'benign 357 (62.7 %), malignant 212 (37.3 %)',
      '397 train, 86 validation, 86 test (stratified, seed 0)',
      /newton, \d+ iterations, converged, \d/,
      /Kernel {4}simd \(/,
      'malignant from probability 0.5',
      /best by F1: 0\.\d+ \(F1 0\.9\d+\) on validation/,
      /train +validation +test/,
      /accuracy( +0\.9\d\d\d){3}/,
      /predicted benign +predicted malignant/,
      'Strongest of 30 coefficients',
      'The model was not saved: add --out model.json',
    ]) {
      expect(stdout).toMatch(text)
    }
    expect(stdout).not.toContain('\x1b')
    expect(
      Math.max(
        ...stdout
          .split('\n')
          .filter((line) => !line.startsWith('Data'))
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(80)
  })

  test('as JSON: one object with everything', async () => {
    const report = await trainJson([breastCancer, '--target', 'diagnosis'])
    expect(report).toMatchObject({
      data: {
        rows: 569,
        skippedRows: 0,
        target: 'diagnosis',
        classes: [
          { label: 'benign', count: 357 },
          { label: 'malignant', count: 212 },
        ],
      },
      split: { train: 397, validation: 86, test: 86, stratified: true, seed: 0 },
      model: { type: 'LogisticRegression', solver: 'newton', converged: true, nFeatures: 30, options: {} },
      kernel: { variant: 'simd' },
      positive: 'malignant',
      threshold: 0.5,
      bestThreshold: { by: 'f1' },
      out: null,
    })
    expect(report.metrics.test.accuracy).toBeGreaterThanOrEqual(0.95)
    expect(report.metrics.validation.f1).toBeLessThanOrEqual(report.bestThreshold.value)
    const [[tn, fp], [fn, tp]] = report.confusionMatrix.matrix
    expect(report.confusionMatrix).toMatchObject({ part: 'test', labels: ['benign', 'malignant'] })
    expect((tn + tp) / (tn + fp + fn + tp)).toBe(report.metrics.test.accuracy)
    expect(report.coefficients).toHaveLength(30)
    for (const { coef, std, effect, oddsRatio } of report.coefficients) {
      expect(effect).toBeCloseTo(coef * std, 12)
      expect(oddsRatio).toBeCloseTo(Math.exp(effect), 12)
    }
    const sizes = report.coefficients.map(({ effect }: { effect: number }) => Math.abs(effect))
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a))
  })

  test('the same call gives the same model, another seed another split', async () => {
    const call = (...args: string[]) => trainJson([breastCancer, '-t', 'diagnosis', ...args])
    const [first, again, other] = await Promise.all([call(), call(), call('--seed', '1')])
    expect({ ...again, seconds: 0 }).toEqual({ ...first, seconds: 0 })
    expect(other.coefficients).not.toEqual(first.coefficients)
  })
})

describe('threads', () => {
  test('as many as asked for, with the same model, and the command ends by itself', async () => {
    const call = (...args: string[]) => trainJson([breastCancer, '-t', 'diagnosis', ...args])
    const [one, three] = await Promise.all([call(), call('--threads', '3')])
    expect(one.kernel).toMatchObject({ threads: 1 })
    expect(three.kernel).toMatchObject({ variant: 'simd', threads: 3, threadsReason: 'asked for by init' })
    expect(three.coefficients).toEqual(one.coefficients)
  })

  test('large data have all processors, unless told otherwise', async () => {
    const rows = Array.from(
      { length: 150_000 },
      (_, i) => `${Array.from({ length: 16 }, (_, k) => (i * (k + 3)) % 10)},${i % 3 ? 'a' : 'b'}`,
    )
    const large = folder.file('large.csv', `${Array.from({ length: 16 }, (_, k) => `x${k}`)},y\n${rows.join('\n')}\n`)
    const call = (...args: string[]) => trainJson([large, '-t', 'y', ...args])
    const [all, one] = [await call(), await call('--threads', '1')]
    expect(all.kernel.threads).toBe(Math.min(16, availableParallelism()))
    expect(one.kernel.threads).toBe(1)
    expect(all.model).toEqual(one.model)
    rmSync(large)
  })

  test('a number of threads that is none', async () => {
    expect(await lanefit(['train', breastCancer, '-t', 'diagnosis', '--threads', '0'])).toMatchObject({ code: 2 })
    expect(await lanefit(['train', breastCancer, '-t', 'diagnosis', '--threads', '65'])).toMatchObject({ code: 2 })
  })
})

describe('--out', () => {
  test('writes a model that the library loads, and says what to do with it', async () => {
    const out = folder.in('model.json')
    const { code, stdout } = await lanefit(['train', breastCancer, '-t', 'diagnosis', '-o', out])
    expect(code).toBe(0)
    expect(stdout).toContain(`Wrote ${out}`)
    expect(stdout).toContain(`lanefit predict ${out} `)
    const model = LogisticRegression.fromJSON(folder.read('model.json'))
    using data = await readCsv(breastCancer, { target: 'diagnosis' })
    expect(model.featureNames).toEqual(data.featureNames)
    expect(model.score(data.X, data.y)).toBeGreaterThan(0.96)
    expect(folder.list()).toEqual(['model.json'])
  })

  test('replaces an older file, and keeps its mode', async () => {
    const out = folder.file('old.json', 'old')
    chmodSync(out, 0o600)
    await trainJson([breastCancer, '-t', 'diagnosis', '-o', out])
    expect(JSON.parse(folder.read('old.json'))).toMatchObject({ format: 'lanefit' })
    expect(statSync(out).mode & 0o777).toBe(0o600)
  })

  test('a device is written to, not replaced', async () => {
    const { code } = await lanefit(['train', breastCancer, '-t', 'diagnosis', '-o', '/dev/null'])
    expect(code).toBe(0)
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true)
  })
})

describe('options reach the model', () => {
  test.each([
    [['--C', '0.1'], { options: { C: 0.1 } }],
    [['--l2', '0.01', '--solver', 'lbfgs', '--tol', '1e-4'], { solver: 'lbfgs', options: { l2: 0.01, tol: 1e-4 } }],
    [['--class-weight', 'balanced'], { options: { classWeight: 'balanced' } }],
    [['--class-weight', 'benign=1,malignant=2.5'], { options: { classWeight: { benign: 1, malignant: 2.5 } } }],
    [
      ['--no-standardize', '--solver', 'lbfgs', '--max-iter', '7'],
      { nIter: 7, converged: false, options: { standardize: false } },
    ],
    [
      ['--no-intercept', '--solver', 'gd', '--learning-rate', '0.01'],
      { solver: 'gd', options: { fitIntercept: false } },
    ],
    [
      ['--solver', 'sgd', '--epochs', '3', '--batch-size', '16'],
      { solver: 'sgd', nIter: 3, options: { batchSize: 16, seed: 0 } },
    ],
    [
      ['--columns', 'mean_radius,1', '--columns', '-2'],
      { featureNames: ['mean_radius', 'mean_texture', 'worst_fractal_dimension'] },
    ],
  ])('%j', async (args, expected) => {
    const { model } = await trainJson([breastCancer, '-t', 'diagnosis', ...args])
    expect(model).toMatchObject(expected)
  })

  test('--drop leaves columns out', async () => {
    const { model } = await trainJson([breastCancer, '-t', '-1', '--drop', 'mean_radius,mean_area', '--drop', '1'])
    expect(model.nFeatures).toBe(27)
    expect(model.featureNames).not.toContain('mean_texture')
  })

  test('--variant chooses the kernel, and the answer stays', async () => {
    const [simd, scalar, js] = await Promise.all(
      ['simd', 'scalar', 'js'].map((variant) => trainJson([breastCancer, '-t', 'diagnosis', '--variant', variant])),
    )
    expect([simd, scalar, js].map(({ kernel }) => kernel.variant)).toEqual(['simd', 'scalar', 'js'])
    for (const { model } of [scalar, js]) expect(model.intercept).toBeCloseTo(simd.model.intercept, 4)
  })
})

describe('the split', () => {
  test.each([
    ['60/20/20', { train: 341, validation: 114, test: 114 }],
    ['0.8/0.2', { train: 455, test: 114 }],
    ['80/20/0', { train: 455, validation: 114 }],
    ['100', { train: 569 }],
  ])('%s', async (shares, expected) => {
    const { split, metrics } = await trainJson([breastCancer, '-t', 'diagnosis', '--split', shares])
    expect(split).toEqual({ ...expected, stratified: true, seed: 0 })
    expect(Object.keys(metrics)).toEqual(Object.keys(expected))
  })
})

describe('the decision', () => {
  test('--threshold best is the best one on validation, and the model keeps it', async () => {
    const out = folder.in('best.json')
    const { threshold, bestThreshold, metrics } = await trainJson([
      ...[breastCancer, '-t', 'diagnosis', '--threshold', 'best', '--best-by', 'balanced-accuracy', '--out', out],
    ])
    expect(bestThreshold.by).toBe('balanced-accuracy')
    expect(threshold).toBe(bestThreshold.threshold)
    expect(metrics.validation.balancedAccuracy).toBeCloseTo(bestThreshold.value, 12)
    expect(LogisticRegression.fromJSON(folder.read('best.json')).threshold).toBe(threshold)
  })

  test('--positive turns the view round: metrics, threshold, coefficients', async () => {
    const out = folder.in('benign.json')
    const common = [breastCancer, '-t', 'diagnosis', '--threshold']
    const benign = await trainJson([...common, '0.25', '--positive', 'benign', '--out', out])
    const malignant = await trainJson([...common, '0.75'])
    expect(benign.positive).toBe('benign')
    expect(benign.metrics.test.accuracy).toBe(malignant.metrics.test.accuracy)
    const [[tn, fp], [fn, tp]] = malignant.confusionMatrix.matrix
    expect(benign.metrics.test.recall).toBe(tn / (tn + fp))
    expect(benign.metrics.test.precision).toBe(tn / (tn + fn))
    expect(tp).toBeGreaterThan(0)
    expect(benign.coefficients[0].coef).toBe(-malignant.coefficients[0].coef)
    expect(LogisticRegression.fromJSON(folder.read('benign.json')).threshold).toBe(0.75)
  })

  test('more than two classes are told apart: measures, coefficients of each class, a model for predict and evaluate', async () => {
    const out = folder.in('species.json')
    const { model, positive, threshold, bestThreshold, metrics, confusionMatrix, coefficients } = await trainJson([
      ...[iris, '-t', 'species', '--out', out],
    ])
    expect(model.classes).toEqual(['setosa', 'versicolor', 'virginica'])
    expect(model.intercept).toHaveLength(3)
    expect([positive, threshold, bestThreshold, model.threshold]).toEqual([null, null, null, null])
    expect(Object.keys(metrics.test)).toEqual(['accuracy', 'balancedAccuracy', 'macroF1', 'logLoss'])
    expect(metrics.test.accuracy).toBeGreaterThan(0.85)
    expect(confusionMatrix.matrix).toHaveLength(3)
    expect(Object.keys(coefficients)).toEqual(model.classes)
    expect(coefficients.setosa).toHaveLength(4)

    const text = (await lanefit(['train', iris, '-t', 'species'])).stdout
    for (const part of ['the most probable class', 'macro F1', 'predicted virginica', 'does to versicolor']) {
      expect(text).toContain(part)
    }
    const info = (await lanefit(['info', out])).stdout
    expect(info).toContain('setosa, versicolor, virginica: answers the most probable')
    const predicted = (await lanefit(['predict', out, iris, '--only-predictions', '--proba'])).stdout.split('\n')
    expect(predicted[0]).toBe('prediction,probability_setosa,probability_versicolor,probability_virginica')
    expect(predicted[1]).toMatch(/^setosa,0\.9\d+,/)
    const measured = JSON.parse((await lanefit(['evaluate', out, iris, '-t', 'species', '--json'])).stdout)
    expect(measured.metrics.accuracy).toBeGreaterThan(0.95)
    for (const command of [
      ['train', iris],
      ['evaluate', out, iris],
    ]) {
      const { code, stderr } = await lanefit([...command, '-t', 'species', '--threshold', '0.3'])
      expect(code).toBe(2)
      expect(stderr).toMatch(/--threshold: only for two classes.* 3/)
    }
  })

  test('of more than two classes, --positive is set against the rest', async () => {
    const { model, data, metrics } = await trainJson([iris, '-t', 'species', '--positive', 'setosa'])
    expect(model.classes).toEqual(['(not setosa)', 'setosa'])
    expect(data.classes).toHaveLength(3)
    expect(metrics.test.accuracy).toBe(1)
    // Numbers too, and 2.0 is 2.
    const numbers = readFileSync(iris, 'utf8').replace(/setosa|versicolor|virginica/g, (w) => `${w.length % 6}`)
    const other = await trainJson(['-', '-t', 'species', '--positive', '0.0'], numbers)
    expect(other.model.classes).toEqual(['(not 0)', '0'])
    expect(other.metrics.test.accuracy).toBe(1)
  })
})

describe('the data', () => {
  const rows = (n: number, row: (i: number) => string) => Array.from({ length: n }, (_, i) => `${row(i)}\n`).join('')

  test('from standard input, without header, with another delimiter', async () => {
    const text = rows(40, (i) => `${i};${(i * 7) % 11};${i > 20 ? 'yes' : 'no'}`)
    const { data, model } = await trainJson(['-', '-t', '-1', '--no-header', '--delimiter', ';'], text)
    expect(data).toMatchObject({ source: 'standard input', rows: 40, target: 'x2' })
    expect(model).toMatchObject({ classes: ['no', 'yes'], featureNames: ['x0', 'x1'] })
  })

  test('with missing values: drop, mean, and what stands for them', async () => {
    const text = `a,b,y\n${rows(40, (i) => `${i % 10 === 3 ? '-999' : i},${(i * 7) % 11},${i > 20 ? 1 : 0}`)}`
    const call = (...args: string[]) => trainJson(['-', '-t', 'y', '--missing-values', 'NA,-999', ...args], text)
    const [drop, mean] = await Promise.all([call('--missing', 'drop'), call('--missing', 'mean')])
    expect(drop.data).toMatchObject({ rows: 36, skippedRows: 4 })
    expect(mean.data).toMatchObject({ rows: 40, skippedRows: 0 })
  })

  test('a part in which a class is missing has no ROC AUC, the rest is measured', async () => {
    const text = `a,y\n${rows(40, (i) => `${(i * 13) % 40},${i < 20 ? i % 2 : 1}`)}`
    const { metrics } = await trainJson(['-', '-t', 'y', '--split', '90/10', '--no-stratify', '--seed', '7'], text)
    expect(metrics.train.rocAuc).not.toBeNull()
    expect(metrics.test.accuracy).not.toBeNull()
  })
})

describe('progress and colours', () => {
  test('are asked for with --progress and FORCE_COLOR; progress goes to standard error', async () => {
    const { stdout, stderr } = await lanefit(['train', breastCancer, '-t', 'diagnosis', '--progress'], {
      env: { FORCE_COLOR: '1' },
    })
    expect(stderr).toMatch(/^Reading .*569 rows, 30 features\nTraining .*iterations, loss 0\.\d+\n$/s)
    expect(stdout).toContain('\x1b[1mData')
  })

  test('NO_COLOR wins', async () => {
    const env = { FORCE_COLOR: '1', NO_COLOR: '1' }
    const { stdout } = await lanefit(['train', breastCancer, '-t', 'diagnosis'], { env })
    expect(stdout).not.toContain('\x1b')
  })
})
