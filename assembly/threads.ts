/** What the builds for threads export besides index.ts: work in shares, which has no use where there is one thread. */

export { networkRoomBytes, networkRows, networkScratchBytes, networkStep } from './kernels/shares'
