/** The losses of a linear model, as the kernel numbers them (assembly/losses.ts). */
export const LOSS = { logistic: 0, squaredError: 1, squaredErrorLogistic: 2, hinge: 3, squaredHinge: 4 } as const
