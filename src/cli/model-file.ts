import { readFile } from 'node:fs/promises'
import { LogisticRegression } from '../node.ts'
import { named } from './errors.ts'
import { writeFile } from './files.ts'

/** A saved model. */
export async function loadModel(path: string): Promise<LogisticRegression> {
  try {
    return LogisticRegression.fromJSON(await readFile(path, 'utf8'))
  } catch (error) {
    throw named(path, error)
  }
}

export async function saveModel(path: string, model: LogisticRegression): Promise<void> {
  await writeFile(path, (write) => write(`${JSON.stringify(model)}\n`))
}
