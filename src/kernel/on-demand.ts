/** What who is content with the simd kernel on one thread does not need: a file of its own (scripts/on-demand.mjs). */
export const loadReplacing = () => import('./replacing.ts')
