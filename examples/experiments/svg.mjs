// Figures as SVG text: a Vega-Lite specification, drawn by Vega without a browser.
import { loader, parse, View } from 'vega'
import { compile } from 'vega-lite'

/** The data go into the picture, not into the specification's file: a figure stands alone. */
export async function toSvg(spec) {
  const { spec: drawn } = compile({
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    width: 460,
    height: 280,
    ...spec,
  })
  const view = new View(parse(drawn), { renderer: 'none', loader: loader() })
  const svg = await view.toSVG()
  view.finalize()
  return `${svg}\n`
}

/** Lines over a common axis: points are { x, y, line }. */
export function lines(title, points, { x, y, yDomain, xLog = false, yLog = false, width = 2 } = {}) {
  const scale = (log, domain) => ({ ...(log && { type: 'log' }), ...(domain && { domain }), zero: false })
  return {
    title,
    data: { values: points },
    mark: { type: 'line', strokeWidth: width, clip: true },
    encoding: {
      x: { field: 'x', type: 'quantitative', title: x, scale: scale(xLog) },
      y: { field: 'y', type: 'quantitative', title: y, scale: scale(yLog, yDomain) },
      color: { field: 'line', type: 'nominal', title: null, sort: null, legend: { labelLimit: 300 } },
      detail: { field: 'line' },
    },
  }
}
