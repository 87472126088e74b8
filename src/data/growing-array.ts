/** Numbers that arrive one by one, in a typed array that doubles. */
export class GrowingArray<T extends Float64Array | Uint32Array> {
  #items: T
  length = 0

  constructor(empty: T) {
    this.#items = empty
  }

  push(value: number): void {
    if (this.length === this.#items.length) {
      const Items = this.#items.constructor as new (length: number) => T
      const bigger = new Items(Math.max(64, 2 * this.length))
      bigger.set(this.#items)
      this.#items = bigger
    }
    this.#items[this.length++] = value
  }

  /** A view of what has come. */
  view(): T {
    return this.#items.subarray(0, this.length) as T
  }
}
