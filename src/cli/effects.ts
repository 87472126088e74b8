import type { Label, LogisticRegression } from '../node.ts'
import { colors, plural, short, shorten, table } from './output.ts'

/** What a feature does to the odds of a class: the positive of two; of more, against the average class. */
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
function effectsOf(model: LogisticRegression, positive: Label): Effect[] {
  const effects = Array.from(model.coefOf(positive), (coef, k) => {
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

/** Those of the positive class; of more than two classes, of each, under its name. */
export function allEffects(model: LogisticRegression, positive: Label | null): Effect[] | Record<string, Effect[]> {
  if (positive !== null) return effectsOf(model, positive)
  return Object.fromEntries(model.classes.map((label) => [String(label), effectsOf(model, label)]))
}

/** Tables of the strongest few, one for each class that is spoken of. */
export function effectsTables(model: LogisticRegression, top: number, positive: Label | null): string[] {
  if (top === 0) return []
  const labels = positive === null ? model.classes : [positive]
  return labels.map((label) => effectsTable(effectsOf(model, label), top, label))
}

/** The strongest few. */
function effectsTable(effects: readonly Effect[], top: number, positive: Label): string {
  const rows = effects.slice(0, top).map(({ feature, coef, effect, oddsRatio }) => {
    const signed = `${effect >= 0 ? '+' : ''}${effect.toFixed(3)}`
    const shown = effect > 0 ? colors.green(signed) : effect < 0 ? colors.red(signed) : signed
    return [shorten(feature), shown, short(oddsRatio), short(coef)]
  })
  const title = `Strongest of ${plural(effects.length, 'coefficient')}: what one standard deviation does to ${positive}`
  return `${colors.bold(title)}\n${table(['', 'log odds', 'odds ratio', 'coefficient'], rows)}`
}
