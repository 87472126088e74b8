import { SingleBar } from 'cli-progress'
import type { CsvProgress, FitProgress } from '../node.ts'
import { count, plural } from './output.ts'

/** Progress bars on standard error: where a person watches, or where they are asked for. */
export class Progress {
  readonly #shown: boolean
  #bar: SingleBar | undefined

  /** `asked` is --progress or --no-progress; `busy` that the terminal shows something else at the same time. */
  constructor({ asked, busy = false }: { asked: boolean | undefined; busy?: boolean }) {
    this.#shown = asked ?? (process.stderr.isTTY === true && !busy)
  }

  /** For the loaders' onProgress. */
  readonly reading = ({ bytes, totalBytes, rows }: CsvProgress): void => {
    if (this.#shown) this.#show('Reading', bytes, totalBytes, plural(rows, 'row'))
  }

  /** For fit's onProgress. */
  readonly training = ({ iteration, maxIter, loss }: FitProgress): void => {
    this.#show(
      'Training',
      iteration,
      maxIter,
      `${count(iteration)} of at most ${count(maxIter)}, loss ${loss.toFixed(5)}`,
    )
  }

  /** Ends the bar that is shown: full, with a last word. */
  done(text: string): void {
    this.#bar?.setTotal(1)
    this.#bar?.update(1, { text })
    this.stop()
  }

  /** Ends it as it stands. */
  stop(): void {
    this.#bar?.stop()
    this.#bar = undefined
  }

  #show(label: string, value: number, total: number | undefined, text: string): void {
    if (!this.#shown) return
    if (this.#bar) {
      this.#bar.update(value, { text })
      return
    }
    this.#bar = new SingleBar({
      // Without a total there is nothing to draw a bar of.
      format: total === undefined ? `${label.padEnd(9)} {text}` : `${label.padEnd(9)} {bar} {text}`,
      stream: process.stderr,
      barsize: 24,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      linewrap: true,
      noTTYOutput: true,
      // What is no terminal gets lines, not one more empty line.
      clearOnComplete: !process.stderr.isTTY,
    })
    this.#bar.start(total ?? 0, value, { text })
  }
}
