#!/usr/bin/env node
/** The `lanefit` command: arguments in, exit code out. */
import { Command, CommanderError } from 'commander'
import { description, version } from '../../package.json'
import { CliError, describe } from './errors.ts'
import { evaluateCommand } from './evaluate.ts'
import { infoCommand } from './info.ts'
import { predictCommand } from './predict.ts'
import { type Context, dieOf, Interruption, listenForSignals } from './signals.ts'
import { trainCommand } from './train.ts'

const EXAMPLES = `
Start here:
  lanefit train data.csv --target label --out model.json
  lanefit predict model.json new.csv > predictions.csv

lanefit <command> --help has everything about one command.
Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
`

function program(context: Context): Command {
  const made = new Command('lanefit').description(description).version(version).helpCommand(false)
  for (const command of [trainCommand(context), predictCommand(context), evaluateCommand(context), infoCommand()]) {
    made.addCommand(command)
  }
  made.addHelpText('after', EXAMPLES)
  for (const command of [made, ...made.commands]) {
    command.exitOverride().configureOutput({
      outputError: (text, write) => {
        const where = command === made ? 'lanefit' : `lanefit ${command.name()}`
        write(
          `lanefit: ${text
            .replace(/^error: /, '')
            .trim()
            .replace(/\s*\n\s*/g, ' ')}\n`,
        )
        write(`Try: ${where} --help\n`)
      },
    })
  }
  return made
}

/** Runs the command and gives its exit code; failures are on standard error by then. */
async function main(args: readonly string[], signal: AbortSignal): Promise<number> {
  const made = program({ signal })
  if (args.length === 0) {
    process.stderr.write(made.helpInformation() + EXAMPLES)
    return 2
  }
  try {
    await made.parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    // It has printed what it had to say.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    // Whoever reads our output has seen enough, as in `lanefit predict ... | head`.
    if ((error as NodeJS.ErrnoException | null)?.code === 'EPIPE') return 0
    const reason = signal.aborted ? signal.reason : error
    process.stderr.write(describe(reason))
    return reason instanceof Interruption || reason instanceof CliError ? reason.exitCode : 1
  }
}

// Failed writes are reported to whoever wrote; without a listener they would end the process with a stack.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
const signal = listenForSignals()
const code = await main(process.argv.slice(2), signal)
process.stdout.write('', () => {
  if (signal.reason instanceof Interruption && code === signal.reason.exitCode) return dieOf(signal.reason)
  // Not only process.exitCode: an abandoned read of standard input would keep us waiting.
  process.exit(code)
})
