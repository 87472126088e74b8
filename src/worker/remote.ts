/** The page's side of a fit in a worker. Loaded on demand: who never asks for a worker does not pay for it. */
import { hire, type WorkerPlace } from './pool.ts'
import { Session } from './session.ts'

/**
 * A worker for one fit, which ends with its result or with `fail`.
 * @throws KernelError UNAVAILABLE if none can start; the signal's reason
 */
export async function openSession(
  place: WorkerPlace,
  signal: AbortSignal | undefined,
  onProgress: ((progress: object) => void) | undefined,
): Promise<Session> {
  return new Session(await hire(place, signal), signal, onProgress)
}
