/**
 * The way of a batch through a network as a list of parts, so that a call may do some of them and the next one goes on:
 * with wide layers one batch takes longer than a page should wait.
 *
 * progress   16 bytes, zeros before the first call: f64 work left in this call | u32 next part | u32 part at hand.
 *            0 instead of an address: all of it in one call.
 *
 * Every part is asked for in order, whether it is done or not; one that is begun is finished, so a call does more than
 * its budget by at most one part. Work is counted in multiply-adds, or what takes as long.
 */
const NEXT: usize = 8
const AT: usize = 12

@unmanaged
export abstract class Parts {
  /** A call begins that may do so much. */
  static open(progress: usize, budget: f64): void {
    if (progress) store<f64>(progress, budget)
  }

  /** Whether there is work left to do in this call. */
  static left(progress: usize): bool {
    return progress == 0 || load<f64>(progress) > 0
  }

  /** Whether the part at hand, which costs `work`, is to be done now. */
  static take(progress: usize, work: f64): bool {
    if (progress == 0) return true
    const at = load<u32>(progress + AT)
    store<u32>(progress + AT, at + 1)
    const left = load<f64>(progress)
    if (at < load<u32>(progress + NEXT) || left <= 0) return false
    store<f64>(progress, left - work)
    store<u32>(progress + NEXT, at + 1)
    return true
  }

  /** All parts of a batch were asked for: true if all are done, and then the next batch is at its first. */
  static finish(progress: usize): bool {
    if (progress == 0) return true
    const done = load<u32>(progress + NEXT) == load<u32>(progress + AT)
    store<u32>(progress + AT, 0)
    if (done) store<u32>(progress + NEXT, 0)
    return done
  }
}
