// npm run figures   (after npm run build): draws docs/figures/*.svg and prints the numbers of docs/course.md.
import { mkdirSync, writeFileSync } from 'node:fs'
import { balanced, costFigure, gaussianNumbers, imbalanced, planeFigure, thresholdFigure } from './gaussians.mjs'
import { lossesFigure, lossNumbers, runsFigure, sigmaFigure, signalFigure } from './losses.mjs'
import { moonsFigure, moonsNumbers, tune, tuningFigure } from './moons.mjs'
import { toSvg } from './svg.mjs'
import { descents, epochsFigure, trainingNumbers, updatesFigure } from './training.mjs'

const folder = new URL('../../docs/figures/', import.meta.url)
mkdirSync(folder, { recursive: true })

const [even, uneven, runs, tuned] = [balanced(), imbalanced(), descents(), tune()]
const figures = {
  sigma: sigmaFigure(),
  losses: lossesFigure(),
  'gradient-signal': signalFigure(),
  'training-runs': runsFigure(),
  'decision-line': planeFigure(even),
  'error-against-threshold': thresholdFigure(even),
  'cost-against-threshold': costFigure(uneven),
  'descent-by-epochs': epochsFigure(runs),
  'descent-by-updates': updatesFigure(runs),
  'moons-tuning': tuningFigure(tuned),
  moons: moonsFigure(tuned),
}
for (const [name, spec] of Object.entries(figures)) writeFileSync(new URL(`${name}.svg`, folder), await toSvg(spec))

const numbers = { ...lossNumbers(), ...gaussianNumbers(even, uneven), ...trainingNumbers(runs), ...moonsNumbers(tuned) }
for (const [what, value] of Object.entries(numbers)) {
  console.log(`${what.padEnd(64)} ${Number(Number(value).toPrecision(4))}`)
}
