import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize, sep } from 'node:path'

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.csv': 'text/csv; charset=utf-8',
}

export interface ServeOptions {
  /** Sent with every response: a Content-Security-Policy, COOP/COEP ... */
  headers?: Record<string, string>
  /** Answers made up by the test, by path: `{ '/page.html': '<!doctype html>...' }`. They win over files. */
  pages?: Record<string, string>
}

export interface Site {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  origin: string
  close(): Promise<void>
}

/** Serves the files below a folder on a free port of 127.0.0.1. */
export async function serve(folder: string, { headers = {}, pages = {} }: ServeOptions = {}): Promise<Site> {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname)
    const file = normalize(join(folder, path))
    try {
      if (!file.startsWith(normalize(folder + sep))) throw new Error('outside of the folder')
      const body = pages[path] ?? (await readFile(file))
      response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream', ...headers })
      response.end(body)
    } catch {
      response.writeHead(404, { 'content-type': 'text/plain' }).end(`not here: ${path}`)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      }),
  }
}
