// npm run figures   (after npm run build): draws docs/figures/*.svg and prints the numbers of docs/course.md.
import { mkdirSync, writeFileSync } from 'node:fs'
import { lossesFigure, lossNumbers, runsFigure, sigmaFigure, signalFigure } from './losses.mjs'
import { toSvg } from './svg.mjs'

const folder = new URL('../../docs/figures/', import.meta.url)
mkdirSync(folder, { recursive: true })

const figures = {
  sigma: sigmaFigure(),
  losses: lossesFigure(),
  'gradient-signal': signalFigure(),
  'training-runs': runsFigure(),
}
for (const [name, spec] of Object.entries(figures)) writeFileSync(new URL(`${name}.svg`, folder), await toSvg(spec))

const numbers = { ...lossNumbers() }
for (const [what, value] of Object.entries(numbers)) {
  console.log(`${what.padEnd(52)} ${Number(Number(value).toPrecision(4))}`)
}
