// Figures as SVG text: a Vega-Lite specification, drawn by Vega without a browser.
import { parse, View } from 'vega'
import { compile } from 'vega-lite'

/** The picture of a specification that carries its data: no file is loaded. */
export async function toSvg(spec) {
  const { spec: drawn } = compile({
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    // A label for every mark would make the files five times as long.
    config: { aria: false },
    width: 460,
    height: 280,
    ...spec,
  })
  const view = new View(parse(drawn), { renderer: 'none' })
  const svg = await view.toSVG()
  view.finalize()
  return `${svg}\n`
}

/** A colour of its own and a shape for each class, the colour near that of the plane where it is likely. */
export const byClass = (field) => ({
  color: { field, type: 'nominal', title: 'class', scale: { range: ['#a50f15', '#08306b'] } },
  shape: { field, type: 'nominal', legend: null },
})

/** Lines over a common axis: points are { x, y, line }. */
export function lines(title, points, { x, y, yDomain, xLog = false, yLog = false } = {}) {
  const scale = (log, domain) => ({ ...(log ? { type: 'log' } : { zero: false }), ...(domain && { domain }) })
  return {
    title,
    data: { values: points },
    mark: { type: 'line', strokeWidth: 2, clip: true },
    encoding: {
      x: { field: 'x', type: 'quantitative', title: x, scale: scale(xLog) },
      y: { field: 'y', type: 'quantitative', title: y, scale: scale(yLog, yDomain) },
      color: { field: 'line', type: 'nominal', title: null, sort: null, legend: { labelLimit: 300 } },
      detail: { field: 'line' },
    },
  }
}
