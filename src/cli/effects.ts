import type { Label, LogisticRegression } from '../node.ts'
import { colors, plural, short, shorten, table } from './output.ts'

/** What a feature does to the odds of the positive class. */
export interface Effect {
  readonly feature: string
  /** By one unit of the feature, on the logit. */
  readonly coef: number
  /** Standard deviation of the feature in training. */
  readonly std: number
  /** By one standard deviation, on the logit: coef * std. */
  readonly effect: number
  /** By one standard deviation, on the odds: they are multiplied by exp(effect). */
  readonly oddsRatio: number
}

/** All features, the strongest first. */
export function effectsOf(model: LogisticRegression, positive: Label): Effect[] {
  const sign = positive === model.classes[1] ? 1 : -1
  const effects = Array.from(model.coef, (c, k) => {
    const coef = sign * c
    const std = model.columns.std[k]!
    return {
      feature: model.featureNames?.[k] ?? `x${k}`,
      coef,
      std,
      effect: coef * std,
      oddsRatio: Math.exp(coef * std),
    }
  })
  return effects.sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect))
}

/** The strongest few. */
export function effectsTable(effects: readonly Effect[], top: number, positive: Label): string {
  const rows = effects.slice(0, top).map(({ feature, coef, effect, oddsRatio }) => {
    const signed = `${effect >= 0 ? '+' : ''}${effect.toFixed(3)}`
    const shown = effect > 0 ? colors.green(signed) : effect < 0 ? colors.red(signed) : signed
    return [shorten(feature), shown, short(oddsRatio), short(coef)]
  })
  const title = `Strongest of ${plural(effects.length, 'coefficient')}: what one standard deviation does to ${positive}`
  return `${colors.bold(title)}\n${table(['', 'log odds', 'odds ratio', 'coefficient'], rows)}`
}
