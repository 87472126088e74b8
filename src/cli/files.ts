import { constants } from 'node:fs'
import { access, type FileHandle, open, realpath, rename, stat, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { CsvSource } from '../node.ts'
import { CliError, named, UsageError } from './errors.ts'

/** An input as it is named in messages, and what the loaders read. */
export interface Input {
  readonly name: string
  readonly source: CsvSource
}

/** A path or URL, or `-` for standard input. */
export function inputOf(path: string): Input {
  if (path === '') throw new UsageError('no data: the path is empty')
  if (path !== '-') return { name: path, source: path }
  if (process.stdin.isTTY) throw new UsageError('no data: name a CSV file, or pipe one in')
  return { name: 'standard input', source: process.stdin }
}

/** Writes text, or text in UTF-8, to an output, in the order of the calls; resolves when more may come. */
export type Write = (text: string | Uint8Array) => Promise<void>

export const writeStdout: Write = (text) => writeTo(process.stdout, text)

function writeTo(stream: NodeJS.WriteStream, text: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => stream.write(text, (error) => (error ? reject(error) : resolve())))
}

/** Fails early where a file cannot be written, before hours of work are spent on what goes into it. */
export async function checkWritable(path: string): Promise<void> {
  try {
    const target = await targetOf(path)
    if (target.kind === 'directory') throw new CliError('is a directory')
    // Renaming could replace a file that is read-only; nobody would expect it to.
    if (target.kind !== 'new') await access(target.path, constants.W_OK)
    if (target.kind === 'file' || target.kind === 'new') await access(dirname(target.path), constants.W_OK)
  } catch (error) {
    throw named(path, error)
  }
}

/**
 * Writes a file through a temporary one beside it, so that under its name there is never half of it: the old file stays
 * until the new one is complete, also where the new one is made from the old. Devices and pipes are written directly.
 */
export async function writeFile(path: string, produce: (write: Write) => Promise<void>): Promise<void> {
  let target: Target
  let file: FileHandle
  let temporary: string | undefined
  try {
    target = await targetOf(path)
    const direct = target.kind === 'other'
    temporary = direct ? undefined : `${target.path}.${process.pid}.tmp`
    file = await open(temporary ?? target.path, temporary ? 'wx' : 'w', target.mode)
  } catch (error) {
    throw named(path, error)
  }
  try {
    const write: Write = (text) => file.writeFile(text).catch((error) => Promise.reject(named(path, error)))
    await produce(write)
    await file.close()
    if (temporary) await rename(temporary, target.path)
  } catch (error) {
    await file.close().catch(() => {})
    if (temporary) await unlink(temporary).catch(() => {})
    throw error
  }
}

interface Target {
  readonly path: string
  readonly kind: 'new' | 'file' | 'directory' | 'other'
  readonly mode: number
}

/** Where a path leads, past symbolic links, and what is there. */
async function targetOf(path: string): Promise<Target> {
  try {
    const found = await stat(path)
    const kind = found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other'
    return { path: await realpath(path), kind, mode: found.mode & 0o777 }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return { path, kind: 'new', mode: 0o666 }
  }
}
