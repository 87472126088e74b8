import type { Options } from 'tsup'

export const leanLoader: NonNullable<Options['esbuildPlugins']>[number]
