/**
 * What only some of those who wait for a fit need. In the builds that are modules each is a file of its own beside the
 * main one, loaded when it is asked for (scripts/on-demand.mjs).
 */
export const loadFitBatches = () => import('./batch-fit.ts')
export const loadWorkerTraining = () => import('./worker-training.ts')
