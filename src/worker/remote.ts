/** The page's side of a worker. Part of what is loaded on demand (models/on-demand.ts). */
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
