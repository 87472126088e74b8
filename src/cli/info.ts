import { Command } from 'commander'
import { version } from '../../package.json'
import { init, kernelInfo, type LogisticRegression, type Variant } from '../node.ts'
import { allEffects, effectsTables } from './effects.ts'
import { writeStdout } from './files.ts'
import { positiveOf } from './labels.ts'
import { loadModel } from './model-file.ts'
import { toInteger, variantOption } from './options.ts'
import { entry, plural, probability } from './output.ts'

interface InfoFlags {
  json?: boolean
  positive?: string
  top: number
  variant?: Variant
}

const EXAMPLES = `
Examples:
  lanefit info
  lanefit info model.json --top 30
`

export function infoCommand(): Command {
  return new Command('info')
    .summary('describe a model, or this installation')
    .description(
      'Describes a saved model: classes, features, options, strongest coefficients. Without one: what runs here.',
    )
    .argument('[model]', 'file written by lanefit train')
    .option('--top <n>', 'coefficients to show', toInteger(0), 10)
    .option('--positive <label>', 'the class that coefficients speak for (default: the second)')
    .option('--json', 'one JSON object on standard output')
    .addOption(variantOption())
    .addHelpText('after', EXAMPLES)
    .action((path: string | undefined, flags: InfoFlags) =>
      path === undefined ? describeInstallation(flags) : describeModel(path, flags),
    )
}

async function describeInstallation({ json, variant: asked }: InfoFlags): Promise<void> {
  await init(asked ? { variant: asked } : {})
  const { variant, reason } = kernelInfo()
  const platform = `${process.platform} ${process.arch}`
  const node = process.version
  if (json) {
    await writeStdout(`${JSON.stringify({ version, kernel: { variant, reason }, node, platform }, null, 2)}\n`)
    return
  }
  const lines = [entry('lanefit', version), entry('Kernel', kernelText()), entry('Node', `${node}, ${platform}`)]
  await writeStdout(`${lines.join('\n')}\n`)
}

async function describeModel(path: string, { json, positive: asked, top }: InfoFlags): Promise<void> {
  const model = await loadModel(path)
  const positive = positiveOf(model.classes, asked)
  const coefficients = allEffects(model, positive)
  if (json) {
    await writeStdout(`${JSON.stringify({ ...summaryOf(model), positive, coefficients }, null, 2)}\n`)
    return
  }
  const { classes, nFeatures, featureNames, threshold } = model
  const summary = summaryOf(model)
  // The threshold is in the line of the classes.
  const { threshold: _, ...chosen } = summary.options
  const options = Object.entries(chosen).map(([name, value]) => `${name} ${textOf(value)}`)
  const names = featureNames ? '' : ', known by position only'
  const decision = positive === null ? 'the most probable' : `${classes[1]} from probability ${probability(threshold)}`
  const head = [
    entry('Model', `logistic regression, ${solverText(model)}`),
    entry('Classes', `${classes.join(', ')}: answers ${decision}`),
    entry('Features', `${plural(nFeatures, 'feature')}${names}`),
    entry('Options', options.join(', ') || 'all defaults'),
  ]
  await writeStdout(`${[head.join('\n'), ...effectsTables(model, top, positive)].join('\n\n')}\n`)
}

/** "simd (the default: the same bits in every engine)" */
export function kernelText(): string {
  const { variant, reason, threads } = kernelInfo()
  return `${variant} (${reason.replace('by init', 'by --variant')})${threads > 1 ? `, ${threads} threads` : ''}`
}

/** What a model is, for JSON. */
export function summaryOf(model: LogisticRegression) {
  const { classes, nFeatures, featureNames = null, solver, nIter, converged, loss } = model
  const two = classes.length === 2
  const [threshold, intercept] = [two ? model.threshold : null, two ? model.intercept : [...model.intercepts]]
  const { classWeight } = model.options
  const options =
    classWeight instanceof Map ? { ...model.options, classWeight: Object.fromEntries(classWeight) } : model.options
  return {
    type: 'LogisticRegression',
    ...{ classes, threshold, nFeatures, featureNames, solver, nIter, converged, loss, intercept, options },
  }
}

/** "newton, 7 iterations, converged" */
export function solverText({ solver, nIter, converged }: LogisticRegression): string {
  const turns = plural(nIter, solver === 'sgd' ? 'epoch' : 'iteration')
  return `${solver}, ${turns}, ${converged ? 'converged' : 'not converged'}`
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
