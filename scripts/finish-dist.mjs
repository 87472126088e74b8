/**
 * What tsup does not do for dist/: declarations for ESM and CommonJS, the .wasm files for people who load the kernel
 * themselves, the worker's file for those who host it, and the licences of the code that is bundled.
 */
import { spawnSync } from 'node:child_process'
import { copyFile, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')
const generated = join(root, 'src', 'kernel', 'generated')

/** Everything below node_modules whose code ends up in dist/, and where its licence stands. */
const BUNDLED = [
  { name: 'd3-dsv', licence: 'd3-dsv/LICENSE' },
  { name: '@assemblyscript/loader', licence: 'assemblyscript/LICENSE', notice: 'assemblyscript/NOTICE' },
  { name: 'assemblyscript', use: 'its runtime, compiled into the kernel', licence: 'assemblyscript/LICENSE' },
]

await Promise.all([
  writeTypes(),
  copyKernels(),
  copyWorker(),
  writeLicences(),
  ...['index.js', 'lanefit.iife.js'].map(kernelFirst),
])

/**
 * One tree of declarations, twice: TypeScript decides by the nearest package.json whether a .d.ts describes ESM or
 * CommonJS.
 */
async function writeTypes() {
  const types = join(dist, 'types')
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(1)
  for (const file of await readdir(types, { recursive: true })) {
    if (!file.endsWith('.d.ts')) continue
    const text = await readFile(join(types, file), 'utf8')
    // The sources import './x.ts'; the file that consumers have is './x.js' (with its './x.d.ts').
    await writeFile(join(types, file), text.replace(/((?:from|import)\s*\(?\s*['"]\.[^'"]*)\.ts(['"])/g, '$1.js$2'))
  }
  await cp(types, join(dist, 'cjs', 'types'), { recursive: true })
  await writeFile(join(dist, 'cjs', 'package.json'), '{ "type": "commonjs", "sideEffects": false }\n')
}

/**
 * Puts the kernel's bytes before all code: gzip looks back 32 kB, and behind 65 kB of text it would have to learn the words
 * of JavaScript again. 1.1 kB.
 */
async function kernelFirst(file) {
  const code = await readFile(join(dist, file), 'utf8')
  const [text] = code.match(/"[^"]{50000,}"/) ?? []
  const at = file.endsWith('.iife.js') ? code.indexOf('{') + 1 : code.indexOf('\n') + 1
  if (!text || code.includes('simdText')) throw new Error(`${file}: where is the kernel?`)
  const rest = code.replace(text, 'simdText')
  await writeFile(join(dist, file), `${rest.slice(0, at)}var simdText=${text};${rest.slice(at)}`)
}

async function copyKernels() {
  await mkdir(join(dist, 'kernel'), { recursive: true })
  for (const file of await readdir(generated)) {
    if (file.endsWith('.wasm') && !file.startsWith('debug'))
      await copyFile(join(generated, file), join(dist, 'kernel', file))
  }
}

async function copyWorker() {
  await copyFile(join(root, 'src', 'worker', 'generated', 'worker.js'), join(dist, 'worker.js'))
}

async function writeLicences() {
  const modules = join(root, 'node_modules')
  const parts = await Promise.all(
    BUNDLED.map(async ({ name, use, licence, notice }) => {
      const { version, license } = JSON.parse(await readFile(join(modules, name, 'package.json'), 'utf8'))
      const files = [licence, notice].filter((file) => file !== undefined)
      const texts = await Promise.all(files.map((file) => readFile(join(modules, file), 'utf8')))
      return [`${name} ${version}${use ? `, ${use}` : ''} (${license})`, ...texts].join('\n\n')
    }),
  )
  const rule = `\n\n${'='.repeat(80)}\n\n`
  await writeFile(join(dist, 'LICENSES.txt'), ['lanefit contains code of these projects.', ...parts].join(rule))
}
