import { ATTACHED, DONE, PAGES, REPORT, type TaskFunction, Tasks, WAKE } from './pool-tasks.ts'

/**
 * The program of a pool's worker; scripts/build-kernel.mjs makes a string of it. A message attaches it to a kernel's
 * memory: it makes an instance of its own on it and does tasks, parked in Atomics.wait between them, until the owner
 * says that another message is coming. It gets no `alloc` and no `free`: their state is the owner's alone.
 */

/** What the owner sends. */
export interface Attachment {
  readonly module: WebAssembly.Module
  readonly memory: WebAssembly.Memory
  readonly tasks: SharedArrayBuffer
  /** The functions of the kernel, in the order of their numbers. */
  readonly names: readonly string[]
  readonly thread: number
  readonly attached: number
}

/** What a worker answers. */
export type Answer =
  | { readonly kind: 'attached'; readonly attached: number }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly message: string }

/** How often a parked thread looks whether the pool is still there. */
const PARK_MS = 1000

const scope = globalThis as unknown as {
  onmessage: (event: { data: Attachment }) => void
  postMessage: (answer: Answer) => void
}

scope.onmessage = ({ data }) => {
  try {
    serve(data)
  } catch (error) {
    scope.postMessage({ kind: 'failed', message: String(error) })
  }
}

function serve({ module, memory, tasks: shared, names, thread, attached }: Attachment): void {
  const abort = () => {
    throw new Error('abort')
  }
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort } })
  const functions = names.map((name) => exports[name] as TaskFunction)
  const tasks = new Tasks(shared)
  const onError = (error: unknown) => scope.postMessage({ kind: 'failed', message: String(error) })
  let pages = -1
  const onTask = () => {
    // An engine may not have told this instance yet that its memory has grown (V8, if it grew while the instance was
    // made): filling a block would trap. Growing by nothing makes it look.
    const now = tasks.load(PAGES)
    if (now !== pages) memory.grow(0)
    pages = now
  }
  // The owner looks after whoever is waited for; without it, nobody does.
  const wait = (done: number) => {
    tasks.spin(() => tasks.hasDone(done))
    for (let was = tasks.load(DONE); !tasks.hasDone(done); was = tasks.load(DONE)) {
      if (tasks.load(ATTACHED) !== attached) return false
      tasks.park(was, PARK_MS)
    }
    return true
  }
  scope.postMessage({ kind: 'attached', attached })
  for (;;) {
    const wake = tasks.load(WAKE)
    if (tasks.work({ functions, thread, attached, onError, wait, onTask }) && tasks.load(REPORT))
      scope.postMessage({ kind: 'done' })
    if (tasks.load(ATTACHED) !== attached) return
    tasks.spin(() => tasks.load(WAKE) !== wake)
    Atomics.wait(tasks.control, WAKE, wake)
  }
}
