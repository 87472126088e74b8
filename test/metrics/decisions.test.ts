import { describe, expect, test } from 'vitest'
import { DataError } from '../../src/core/errors.ts'
import * as metrics from '../../src/metrics/index.ts'

const { accuracy, confusionMatrix, f1, precision, recall } = metrics

describe('labels or scores', () => {
  test('with threshold, numbers are scores, even where they look like labels', () => {
    expect(accuracy([0, 1, 1], [0, 1, 2], { threshold: 2 })).toBe(2 / 3)
    expect(accuracy(['a', 'b'], [-1.5, 0], { threshold: 0 })).toBe(1)
    expect(accuracy([0, 1], [5, -5], { threshold: Infinity })).toBe(0.5)
    expect(() => accuracy(['a', 'b'], ['a', 'b'], { threshold: 0.5 })).toThrow(
      new TypeError('predicted[0]: expected a number, got "a"'),
    )
  })

  test('a score equal to the threshold is positive', () => {
    expect(accuracy([0, 1], [0.4999, 0.5])).toBe(1)
    expect(accuracy([0, 1], [0.3, 0.3], { threshold: 0.3 })).toBe(0.5)
  })

  test('strings and booleans are labels of the kind of y', () => {
    expect(accuracy(['no', 'yes', 'no'], ['no', 'yes', 'yes'])).toBe(2 / 3)
    expect(accuracy([true, false], [true, true])).toBe(0.5)
    expect(accuracy(['no', 'yes'], ['no', 'maybe'])).toBe(0.5)
    expect(() => accuracy([0, 1], ['0', '1'])).toThrow(
      new TypeError('predicted[0]: expected a number like the other labels, got "0"'),
    )
    expect(() => accuracy([0, 1], [false, true])).toThrow(TypeError)
    expect(() => accuracy(['0', '1'], [true, true])).toThrow(TypeError)
  })

  test('numbers beside other labels are scores of the positive class', () => {
    expect(accuracy(['no', 'yes'], [0, 1])).toBe(1)
    expect(accuracy([false, true], [0, 1])).toBe(1)
    expect(accuracy(['no', 'yes'], [0.2, 0.7], { positive: 'no' })).toBe(0)
  })

  test('numbers beside numbers are labels when y has them all', () => {
    expect(accuracy([1, 2, 1], [1, 2, 2])).toBe(2 / 3)
    expect(accuracy([0.2, 0.7], [0.2, 0.2])).toBe(0.5)
    expect(accuracy([-1, 1], Float32Array.of(-1, 1))).toBe(1)
    expect(accuracy([-0, 1], [0, 1])).toBe(1)
  })

  test('whole numbers are labels beside more than two labels', () => {
    expect(accuracy([0, 1, 2], [0, 1, 7])).toBe(2 / 3)
  })

  test('of a y of 0s or 1s alone the other is known', () => {
    expect(accuracy([1, 1], [0, 1])).toBe(0.5)
    expect(accuracy([0, 0], [0, 1])).toBe(0.5)
    expect(confusionMatrix([0, 0], [0, 1])).toEqual({
      labels: [0, 1],
      matrix: [
        [1, 1],
        [0, 0],
      ],
    })
  })

  test('numbers between 0 and 1 are scores', () => {
    expect(accuracy([1, 2], [0, 0.9])).toBe(1)
    expect(accuracy([-1, 1], [0.1, 1])).toBe(1)
  })

  test.each<[string, number[], number[]]>([
    ['0 and 1 beside 1 and 2', [1, 2], [0, 1]],
    ['0 and 1 beside -1 and 1', [-1, 1], [0, 1]],
    ['margins', [0, 1], [-0.3, 2.5]],
    ['whole scores', [0, 1], [300, 850]],
    ['a third label', [0, 1], [0, 2]],
  ])('what could be either is refused: %s', (_, y, predicted) => {
    expect(() => accuracy(y, predicted)).toThrow(/^predicted: cannot tell labels from scores: .*threshold.*labels/)
    expect(() => accuracy(y, predicted)).toThrow(RangeError)
    // Both ways out work.
    accuracy(y, predicted, { threshold: 0 })
    if (predicted.every(Number.isInteger)) accuracy(y, predicted, { labels: [...new Set([...y, ...predicted])] })
  })

  test('scores without threshold have to be probabilities', () => {
    expect(() => accuracy(['a', 'b'], [0.2, 1.5])).toThrow(
      new RangeError(
        'predicted[1]: expected a probability (0 to 1), got 1.5; other scores need threshold (0 for margins)',
      ),
    )
  })

  test('probabilities of two classes are cut, of more the most probable class is taken', () => {
    const two = { data: Float32Array.of(0.5, 0.5, 0.75, 0.25), rows: 2, cols: 2, classes: ['a', 'b'] }
    expect(accuracy(['b', 'a'], two)).toBe(1)
    expect(accuracy(['b', 'a'], two, { threshold: 0.6 })).toBe(0.5)
    expect(confusionMatrix(['a', 'a'], two).matrix).toEqual([
      [1, 1],
      [0, 0],
    ])
    const three = { data: Float64Array.of(0.4, 0.4, 0.2, 0, 0.25, 0.75), rows: 2, cols: 3, classes: ['a', 'b', 'c'] }
    expect(confusionMatrix(['b', 'c'], three).matrix).toEqual([
      [0, 0, 0],
      [1, 0, 0],
      [0, 0, 1],
    ])
    expect(recall(['b', 'c'], three, { threshold: 0.4, positive: 'b' })).toBe(1)
    expect(() => recall(['b', 'c'], three, { threshold: 0.4 })).toThrow(/3 classes/)
  })
})

describe('the positive class', () => {
  test('is the greater of two labels, in whatever order they come', () => {
    expect(recall(['yes', 'no', 'no'], ['no', 'no', 'no'])).toBe(0)
    expect(recall([10, 9], [9, 9])).toBe(0)
    expect(recall([true, false], [false, false])).toBe(0)
    expect(recall(['yes', 'no', 'no'], ['no', 'no', 'yes'], { positive: 'no' })).toBe(0.5)
  })

  test('has to be named among more than two labels', () => {
    const y = ['a', 'b', 'c', 'c']
    expect(() => f1(y, y)).toThrow(
      new RangeError('positive: there are 3 classes ("a", "b", "c"), name the positive one'),
    )
    expect(() => metrics.rocAuc(y, [0.1, 0.2, 0.3, 0.4])).toThrow(RangeError)
    expect(recall(y, ['a', 'b', 'c', 'a'], { positive: 'c' })).toBe(0.5)
    expect(metrics.rocAuc(y, [0.1, 0.2, 0.3, 0.4], { positive: 'c' })).toBe(1)
    expect(accuracy(y, [0.1, 0.2, 0.7, 0.4], { positive: 'c' })).toBe(0.75)
  })

  test('where y has one label: true, 1, or what is asked for', () => {
    expect(recall([true, true], [0.7, 0.1])).toBe(0.5)
    expect(recall([false, false], [0.7, 0.1])).toBe(0)
    expect(precision([-1, -1], [-1, -1])).toBe(0)
    expect(recall([1, 1], [1, 1])).toBe(1)
    expect(recall(['a', 'a'], ['a', 'a'], { positive: 'a' })).toBe(1)
    expect(recall(['a', 'a'], ['a', 'a'], { positive: 'b' })).toBe(0)
    expect(() => recall(['a', 'a'], ['a', 'a'])).toThrow(DataError)
    expect(() => recall([7, 7], [0.1, 0.9])).toThrow(/^y: has only the label 7. Name the positive class/)
  })

  test('that y does not have is an error', () => {
    expect(() => recall(['a', 'b'], ['a', 'b'], { positive: 'c' })).toThrow(
      new RangeError('positive: expected one of "a", "b", got "c"'),
    )
    expect(() => metrics.rocAuc([0, 1], [0.1, 0.2], { positive: '1' })).toThrow(
      new TypeError('positive: expected a number like the labels of y, got "1"'),
    )
  })
})

describe('what there is nothing to divide by', () => {
  test('is 0, not NaN', () => {
    expect(precision([0, 1], [0, 0])).toBe(0)
    expect(recall([0, 0], [0, 1])).toBe(0)
    expect(f1([0, 0], [0, 0])).toBe(0)
    expect(metrics.mcc([0, 1], [1, 1])).toBe(0)
    expect(metrics.mcc([1, 1], [0, 1])).toBe(0)
  })

  test('balancedAccuracy leaves out classes that y lacks', () => {
    expect(metrics.balancedAccuracy(['a', 'a'], ['a', 'b'])).toBe(0.5)
    expect(metrics.balancedAccuracy(['a', 'a', 'b'], ['a', 'a', 'c'])).toBe(0.5)
    expect(metrics.balancedAccuracy(['a', 'b'], ['a', 'a'], { sampleWeight: [1, 0] })).toBe(1)
  })

  test('macro averages count classes that only were predicted, as scikit-learn does', () => {
    expect(precision(['a', 'b'], ['a', 'c'], { average: 'macro' })).toBe(1 / 3)
    expect(f1(['a', 'b'], ['a', 'c'], { average: 'macro', labels: ['a', 'b', 'c', 'd'] })).toBe(1 / 3)
  })
})

test('perfect is exactly 1, with weights too', () => {
  const y = ['a', 'b', 'b', 'c', 'c', 'c', 'a']
  const sampleWeight = [0.1, 0.2, 0.3, 0.7, 0.11, 0.13, 0.17]
  expect(accuracy(y, y, { sampleWeight })).toBe(1)
  expect(metrics.errorRate(y, y, { sampleWeight })).toBe(0)
  expect(metrics.mcc([0, 1, 1, 0, 1], [0, 1, 1, 0, 1])).toBe(1)
  expect(metrics.mcc([0, 1, 1, 0, 1], [1, 0, 0, 1, 0])).toBe(-1)
  expect(metrics.mcc(y, y, { sampleWeight })).toBeCloseTo(1, 14)
})

describe('labels', () => {
  test('orders the confusion matrix and makes room for absent classes', () => {
    expect(confusionMatrix(['x', 'y'], ['x', 'x'], { labels: ['z', 'y', 'x'] })).toEqual({
      labels: ['z', 'y', 'x'],
      matrix: [
        [0, 0, 0],
        [0, 0, 1],
        [0, 0, 1],
      ],
    })
    expect(confusionMatrix([1, 1], [0.2, 0.7], { labels: [0, 1] }).matrix).toEqual([
      [0, 0],
      [1, 1],
    ])
    const proba = { data: Float32Array.of(1, 0), rows: 1, cols: 2, classes: ['a', 'b'] }
    expect(confusionMatrix(['b'], proba, { labels: ['b', 'a'] }).matrix).toEqual([
      [0, 1],
      [0, 0],
    ])
  })

  test('is sorted by default, numbers by value', () => {
    expect(confusionMatrix([10, 9, -1], [10, 9, 9])).toEqual({
      labels: [-1, 9, 10],
      matrix: [
        [0, 1, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
    })
    expect(confusionMatrix([true, true], [0.2, 0.7])).toEqual({
      labels: [false, true],
      matrix: [
        [0, 0],
        [1, 1],
      ],
    })
    // The matrix is sorted, whichever label is the positive one.
    expect(confusionMatrix(['a', 'b', 'b'], [0.9, 0.8, 0.1], { positive: 'a' })).toEqual({
      labels: ['a', 'b'],
      matrix: [
        [1, 0],
        [1, 1],
      ],
    })
  })

  test('has to have every label', () => {
    expect(() => accuracy(['a', 'b'], ['a', 'a'], { labels: ['a'] })).toThrow(
      new DataError('UNKNOWN_LABEL', 'y[1]: "b" is not among labels', { row: 1 }),
    )
    expect(() => accuracy(['a', 'a'], ['a', 'b'], { labels: ['a'] })).toThrow(/predicted\[1\]: "b" is not among labels/)
    expect(() => accuracy(['a'], ['a'], { labels: ['a', 'a'] })).toThrow(/distinct/)
    const proba = { data: Float32Array.of(1, 0), rows: 1, cols: 2, classes: ['a', 'b'] }
    expect(() => accuracy(['c'], proba)).toThrow(/y\[0\]: "c" is not among scores.classes/)
    expect(() => confusionMatrix(['a'], proba, { labels: ['a'] })).toThrow(/"b" is predicted, but not among them/)
  })
})

test('confusionMatrix refuses what it cannot name or hold', () => {
  expect(() => confusionMatrix(['a', 'a'], [0.1, 0.9], { positive: 'a' })).toThrow(/do not name the other/)
  expect(() => confusionMatrix(['a', 'b', 'c'], [0.1, 0.9, 0.9], { positive: 'a' })).toThrow(/do not name the other/)
  const y = Float64Array.from({ length: 1001 }, (_, i) => i)
  expect(() => confusionMatrix(y, y)).toThrow(/at most 1000 classes, got 1001/)
  expect(accuracy(y, y)).toBe(1)
})

test('weights fill the confusion matrix', () => {
  expect(confusionMatrix([0, 1, 1], [0, 0, 1], { sampleWeight: [0.5, 2, 0.25] }).matrix).toEqual([
    [0.5, 0],
    [2, 0.25],
  ])
})
