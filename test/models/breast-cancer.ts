import csv from '../../examples/data/breast-cancer.csv?raw'
import golden from '../golden/optimum-breast-cancer.json' with { type: 'json' }

const lines = csv.trim().split(/\r?\n/).slice(1)

export const breastCancerCsv: string = csv

/** 569 x 30 as in the file. */
export const raw: number[][] = lines.map((line) => line.split(',').slice(0, -1).map(Number))

/** 'benign' or 'malignant'. */
export const diagnosis: string[] = lines.map((line) => line.split(',').at(-1)!)

/** The columns as the golden optimum has them: standardised, then rounded to float32. */
export const standardised: Float32Array[] = raw.map((x) =>
  Float32Array.from(x, (v, k) => (v - golden.mean[k]!) / golden.scale[k]!),
)

/** scikit-learn's optimum: benign is the positive class. */
export const optimum = golden.logistic_l2_C1
