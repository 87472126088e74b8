import csv from '../../examples/data/iris.csv?raw'
import golden from '../golden/optimum-iris.json' with { type: 'json' }

const lines = csv.trim().split(/\r?\n/).slice(1)

/** 150 x 4 as in the file. */
export const irisRaw: number[][] = lines.map((line) => line.split(',').slice(0, -1).map(Number))

/** 'setosa', 'versicolor' or 'virginica'. */
export const species: string[] = lines.map((line) => line.split(',').at(-1)!)

export const speciesCodes: number[] = species.map((label) => ['setosa', 'versicolor', 'virginica'].indexOf(label))

/** The columns as the golden optimum has them: standardised, then rounded to float32. */
export const irisStandardised: Float32Array[] = irisRaw.map((x) =>
  Float32Array.from(x, (v, k) => (v - golden.mean[k]!) / golden.scale[k]!),
)

/** scikit-learn's optima. */
export const irisOptimum = golden.logistic_l2_C1
export const irisL1Optimum = golden.logistic_l1_C0p1
