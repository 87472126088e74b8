import type { KernelExports, SharedKernelExports } from './generated/exports.ts'
import { RING } from './pool-tasks.ts'

/** Functions of the kernel that a task may call. */
export type KernelFunction = Exclude<keyof KernelExports, 'memory' | 'alloc' | 'free'>

/** Calls of one function that may run side by side, each writing to a place of its own. */
export interface Job {
  readonly name: Exclude<keyof SharedKernelExports, 'memory' | 'alloc' | 'free'>
  readonly tasks: readonly (readonly number[])[]
  /** Which argument is scratch, the first thread's (-1: none), and how many bytes each thread has of it. */
  readonly scratchAt: number
  readonly scratchBytes: number
}

/** Jobs in order, as many tasks at a time as the ring holds. */
export function* ringfuls(jobs: readonly Job[]): Generator<Job[]> {
  let part: Job[] = []
  let room = RING
  for (const job of jobs) {
    for (let begin = 0, end = 0; begin < job.tasks.length; begin = end) {
      end = Math.min(job.tasks.length, begin + room)
      const isWhole = begin === 0 && end === job.tasks.length
      part.push(isWhole ? job : { ...job, tasks: job.tasks.slice(begin, end) })
      room -= end - begin
      if (room > 0) continue
      yield part
      part = []
      room = RING
    }
  }
  if (part.length) yield part
}
