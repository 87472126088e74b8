/** `lanefit` as Node gets it: everything in index.ts, and what needs the file system. */

export * from './index.ts'
