/** Bytes that wait for a stream. */
export interface Item {
  readonly bytes: Uint8Array
  /** Number of the outbox event up to which the stream is complete with this item. */
  readonly n: number
  /** A `share` may be dropped, and a `state` may be replaced. `required` items must be sent. */
  readonly kind: "share" | "state" | "required"
  /** A newer item of the same key replaces this one. */
  readonly key?: string | undefined
}

/** Shares that were dropped between two items. */
interface Gap {
  n: number
  dropped: number
  readonly kind: "gap"
}

/** Bytes that a gap event may need. */
const gapBytes = 256

const sizeOf = (item: Item | Gap): number => (item.kind === "gap" ? gapBytes : item.bytes.length)

/**
 * Queue of a client that reads slowly. Items with a key replace older ones. If an item does not fit, the oldest shares
 * are dropped, and a gap at their place counts them. The client gets the gap before any id that covers the loss.
 */
export class StreamQueue {
  #items: Array<Item | Gap> = []
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  get isEmpty(): boolean {
    return this.#items.length === 0
  }

  /**
   * Adds an item, so that at most `room` bytes wait.
   *
   * @returns the number of shares that were dropped, or -1 if an item other than a share does not fit
   */
  offer(item: Item, room: number): number {
    if (item.key !== undefined) this.#replace(item.key)
    let dropped = 0
    while (this.#bytes + item.bytes.length > room && this.#dropShare()) dropped += 1
    if (this.#bytes + item.bytes.length <= room) {
      this.#push(item)
      return dropped
    }
    if (item.kind !== "share") return -1
    const last = this.#items.at(-1)
    if (last?.kind === "gap") {
      last.n = item.n
      last.dropped += 1
    } else this.#push({ kind: "gap", n: item.n, dropped: 1 })
    return dropped + 1
  }

  /** Removes the oldest items, together about `size` bytes. */
  take(size: number, gapOf: (n: number, dropped: number) => Uint8Array): ReadonlyArray<Item> {
    let end = 0
    let taken = 0
    while (end < this.#items.length && taken < size) {
      const item = this.#items[end]
      if (item !== undefined) taken += sizeOf(item)
      end += 1
    }
    this.#bytes -= taken
    return this.#items
      .splice(0, end)
      .map((item) => (item.kind === "gap" ? { kind: "required", n: item.n, bytes: gapOf(item.n, item.dropped) } : item))
  }

  clear(): void {
    this.#items = []
    this.#bytes = 0
  }

  #push(item: Item | Gap): void {
    this.#items.push(item)
    this.#bytes += sizeOf(item)
  }

  #replace(key: string): void {
    const index = this.#items.findIndex((item) => item.kind !== "gap" && item.key === key)
    const [old] = index === -1 ? [] : this.#items.splice(index, 1)
    if (old !== undefined) this.#bytes -= sizeOf(old)
  }

  /** Replaces the oldest share by a gap, or counts it in the gap before it. Returns false if there is no share. */
  #dropShare(): boolean {
    const index = this.#items.findIndex(({ kind }) => kind === "share")
    const share = this.#items[index]
    if (share === undefined) return false
    this.#bytes -= sizeOf(share)
    const before = this.#items[index - 1]
    if (before?.kind === "gap") {
      before.n = share.n
      before.dropped += 1
      this.#items.splice(index, 1)
    } else {
      this.#items[index] = { kind: "gap", n: share.n, dropped: 1 }
      this.#bytes += gapBytes
    }
    return true
  }
}
