/** The activations of a network, as the kernel numbers them (assembly/activations.ts). */
export const ACTIVATION = { identity: 0, relu: 1, tanh: 2, logistic: 3 } as const
