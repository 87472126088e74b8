/** The optimisers of mini-batch training, as the kernel numbers them (assembly/kernels/update.ts). */
export const OPTIMIZER = { sgd: 0, momentum: 1, nesterov: 2, adam: 3, adamw: 4 } as const
