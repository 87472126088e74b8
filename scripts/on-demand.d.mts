import type { Plugin } from 'esbuild'

export declare function generatedOnDemand(by?: string): Plugin
export declare const inOnePiece: Plugin
export declare function partsOf<P extends Record<string, string>>(
  entry: string,
  places: P,
): { places: P; main: Plugin; part: Plugin; banner: string; footer: string }
