/**
 * `Symbol.dispose`, or what stands for it where the engine has none yet (Safari): the compiled `using` looks for the
 * same. A class that `using` works on everywhere names its method by this.
 */
export const disposeSymbol: typeof Symbol.dispose =
  Symbol.dispose ?? (Symbol.for('Symbol.dispose') as typeof Symbol.dispose)
