import { checkNumber, checkOptionNames, show } from '../core/checks.ts'

/**
 * The values of a row that is given by names, in the order of the features.
 * @throws TypeError for a missing or unknown name or what is no number, RangeError for what is not finite
 */
export function namedRow(row: Readonly<Record<string, number>>, names: readonly string[] | undefined): number[] {
  if (!names) throw new TypeError('predictOne: the model has no feature names, give an array of values in order')
  const values: number[] = []
  for (let k = 0; k < names.length; k++) {
    const value = row?.[names[k]!]
    if (!Number.isFinite(value)) break
    values.push(value as number)
  }
  // As many names as there should be, and none is missing: nothing is wrong. Else the dear way, which says what is.
  if (values.length === names.length && Object.keys(row).length === names.length) return values
  checkOptionNames('predictOne', row, names)
  return names.map((name) => checkNumber(`predictOne: ${show(name)}`, row[name]))
}
