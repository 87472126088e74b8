/**
 * One use of the package, the same in whatever way it was loaded: ESM, CommonJS, a script tag. Runs in Node and in
 * pages, so it imports nothing; what it returns can be sent through JSON and must be equal everywhere.
 */
export async function smoke(lanefit) {
  const error = new lanefit.DataError('ONE_CLASS', 'y has one class only', { hint: 'Add rows of another class' })
  return { className: lanefit.DataError.name, isError: error instanceof Error, text: String(error) }
}

/** For a program of its own: the public names, and what the use came to. */
export async function report(lanefit) {
  console.log(JSON.stringify({ names: Object.keys(lanefit).sort(), result: await smoke(lanefit) }))
}
