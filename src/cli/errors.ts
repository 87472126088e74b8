import { inspect } from 'node:util'

/** A failure with a message of its own, which is shown as it is. */
export class CliError extends Error {
  readonly exitCode: number

  constructor(message: string, { exitCode = 1, cause }: { exitCode?: number; cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.exitCode = exitCode
  }
}

/** The command was called in a way that cannot work, whatever the data. */
export class UsageError extends CliError {
  constructor(message: string) {
    super(message, { exitCode: 2 })
  }
}

/** Runs work on a file (or something like one) so that its failures name it; an abortion stays what it is. */
export async function naming<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw signal.aborted ? cause : named(name, cause)
  }
}

/** The failure with the name of the file in front. */
export function named(name: string, cause: unknown): CliError {
  if (cause instanceof UsageError) return cause
  const message = messageOf(cause)
  // Of what could not be fetched the message begins with the URL.
  return new CliError(/^[\w+.-]+:\/\//.test(name) && message.startsWith(name) ? message : `${name}: ${message}`, {
    cause,
  })
}

const SYSTEM: Record<string, string> = {
  ENOENT: 'no such file or directory',
  EISDIR: 'is a directory',
  ENOTDIR: 'a part of the path is not a directory',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  ENOSPC: 'no space left on the device',
  EROFS: 'the file system is read-only',
}

/** One line that says what is wrong, in the words of a shell user. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, syscall } = error as NodeJS.ErrnoException
  const system = syscall === undefined ? undefined : SYSTEM[code ?? '']
  return inFlags(system ?? error.message).replace(/\s*\n\s*/g, ' ')
}

/** How the library's advice, which speaks of options in JavaScript, reads on a command line. */
const FLAGS: readonly (readonly [RegExp, string])[] = [
  [/\{ missing: '(\w+)' \}/g, '--missing $1'],
  [
    /Pass the numbers to put in such places as fill/,
    'Leave such rows out with --missing drop, or take the means of training with --missing mean',
  ],
  [/\{ header: false \}/g, '--no-header'],
  [/\{ drop: \[("[^\]]*")\] \}/g, '--drop $1'],
  [/\{ encoding \}/g, '--encoding'],
  [/such as \{ encoding: '([\w-]+)' \}/g, 'as in --encoding $1'],
  [/\bmissingValues\b/g, '--missing-values'],
  [/, pass --/g, ', add --'],
  [/: l2 above 0, or C\b/g, ': --l2 above 0, or --C'],
  [/\bTry a learning rate of ([\d.e-]+)/g, 'Try --learning-rate $1'],
  [/\bsolver '(\w+)'/g, '--solver $1'],
  [/\bdo not stratify\b/g, 'add --no-stratify'],
]

function inFlags(message: string): string {
  return FLAGS.reduce((text, [pattern, flag]) => text.replace(pattern, flag), message)
}

/** What to print for a failure: the line, and with LANEFIT_DEBUG=1 where it came from. */
export function describe(error: unknown): string {
  const line = `lanefit: ${messageOf(error)}\n`
  return process.env.LANEFIT_DEBUG ? `${line}${inspect(error)}\n` : line
}
