import type { UpdateSettings } from '../reference/updates.ts'

/** The settings as the kernel takes them: the powers begin at 1, and there is room for eight float32. */
export function settingsOf({ rate, first, second, epsilon, decay }: UpdateSettings): Float64Array {
  return Float64Array.of(rate, first, second, epsilon, decay, 1, 1, 0, 0, 0, 0)
}
