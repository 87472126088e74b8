import type { Plugin } from 'esbuild'

export declare function lower(text: string): string
export declare const plainUsing: Plugin
