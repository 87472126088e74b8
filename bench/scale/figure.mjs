// npm run bench:scale draws docs/figures/scale-*.svg from bench/results/scale.json by this.
import { readFileSync, writeFileSync } from 'node:fs'
import { lines, toSvg } from '../../examples/experiments/svg.mjs'

const { rows, columns } = JSON.parse(readFileSync(new URL('../results/scale.json', import.meta.url), 'utf8'))

/** The three measures of every point as lines over `x`. */
function curves(points, x) {
  const names = { gradient: 'gradient', epoch: 'sgd epoch, batches of 32', predict: 'predict' }
  return points.flatMap((point) =>
    Object.entries(names).map(([measure, line]) => ({ x: point[x], y: point[measure], line })),
  )
}

const figures = {
  'scale-rows': lines('Time per number of X, 32 columns', curves(rows ?? [], 'rows'), {
    x: 'rows',
    y: 'nanoseconds',
    xLog: true,
  }),
  'scale-columns': lines('Time per number of X, 16.8 million of them', curves(columns ?? [], 'cols'), {
    x: 'columns',
    y: 'nanoseconds',
    xLog: true,
  }),
}
for (const [name, spec] of Object.entries(figures)) {
  writeFileSync(new URL(`../../docs/figures/${name}.svg`, import.meta.url), await toSvg(spec))
}
