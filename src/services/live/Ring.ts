import type { LiveEntry } from "./LiveEntry.ts"

export interface RingLimits {
  readonly maxBytes: number
  readonly maxAgeMs: number
}

/** Estimated memory of an entry: the event as an object, and its frame if a stream needs it. */
const bytesOfEntry = 640

/** Number of removed entries that are kept in the array, so that removing one does not move all others. */
const slack = 1024

/** The newest events of the outbox, with consecutive numbers. The oldest are removed by age and memory. */
export class Ring {
  readonly #limits: RingLimits
  #entries: Array<LiveEntry | undefined> = []
  #head = 0
  #last: number

  /** @param last number of the event before the first one that is added */
  constructor(limits: RingLimits, last: number) {
    this.#limits = limits
    this.#last = last
  }

  /** Number of the newest event. */
  get last(): number {
    return this.#last
  }

  get size(): number {
    return this.#entries.length - this.#head
  }

  /** Lowest number after which the ring has all events. */
  get start(): number {
    return this.#last - this.size
  }

  /** The entry of a number between `start` and `last`. */
  at(n: number): LiveEntry | undefined {
    return this.#entries[this.#head + n - this.start - 1]
  }

  /** Adds the next entry. */
  push(entry: LiveEntry): void {
    this.#entries.push(entry)
    this.#last = entry.n
    while (this.size * bytesOfEntry > this.#limits.maxBytes) this.#shift()
  }

  /** Removes entries that are too old. */
  trim(now: number): void {
    while (this.size > 0 && now - (this.#entries[this.#head]?.at ?? 0) > this.#limits.maxAgeMs) this.#shift()
  }

  /** Removes all entries, and continues after `last`. */
  restart(last: number): void {
    this.#entries = []
    this.#head = 0
    this.#last = last
  }

  #shift(): void {
    this.#entries[this.#head] = undefined
    this.#head += 1
    if (this.#head <= slack || this.#head * 2 <= this.#entries.length) return
    this.#entries = this.#entries.slice(this.#head)
    this.#head = 0
  }
}
