/** An answer that is not what it must be: its time means nothing. */
export class AnswerError extends Error {
  override name = 'AnswerError'
}

/**
 * Compares an answer with the expected one, element by element: the difference may be `tolerance` times the largest
 * magnitude that is expected (an element near 0 is as good as its neighbours' rounding allows).
 * @throws AnswerError naming the worst element
 */
export function checkAnswer(
  who: string,
  answer: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
): void {
  if (answer.length !== expected.length) {
    throw new AnswerError(`${who}: expected ${expected.length} numbers, got ${answer.length}`)
  }
  let largest = 0
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(expected[i]!))
  let worst = 0
  let at = 0
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(answer[i]! - expected[i]!)
    // A NaN is worse than anything.
    if (!(difference <= worst)) {
      worst = difference
      at = i
      if (Number.isNaN(difference)) break
    }
  }
  if (!(worst <= tolerance * largest)) {
    throw new AnswerError(
      `${who}: element ${at}: expected ${expected[at]} to within ${tolerance * largest}, got ${answer[at]}`,
    )
  }
}
