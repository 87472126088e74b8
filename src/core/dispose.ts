/**
 * `Symbol.dispose`, or what stands for it where the engine has none yet (Safari): the compiled `using` looks for the
 * same. An object that `using` works on everywhere names its method by this.
 */
export const disposeSymbol: typeof Symbol.dispose =
  Symbol.dispose ?? (Symbol.for('Symbol.dispose') as typeof Symbol.dispose)

/**
 * What `using` works on. Classes extend this instead of naming a method by the symbol: such a class stays in every bundle,
 * with all it refers to, since bundlers cannot tell what a computed name does.
 */
export abstract class Resource {
  abstract dispose(): void

  [disposeSymbol](): void {
    this.dispose()
  }
}
