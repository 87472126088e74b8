// node examples/node.mjs   (after npm run build)
import { LogisticRegression, metrics, readCsv, trainTestSplit } from 'lanefit'

const data = await readCsv(new URL('data/breast-cancer.csv', import.meta.url), { target: 'diagnosis' })
const { train, test } = trainTestSplit(data, { test: 0.15, stratify: true, seed: 1 })

const model = await new LogisticRegression().fit(train.X, train.y)

console.log('accuracy', model.score(test.X, test.y))
console.log('ROC AUC ', metrics.rocAuc(test.y, model.predictProba(test.X)))
console.log('one row ', model.predictOne(test.X.row(0)))
console.log('saved in', JSON.stringify(model).length, 'characters')
