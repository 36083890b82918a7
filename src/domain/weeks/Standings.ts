import { RankedList } from "./RankedList.ts"

/** Place of an entry in the order of a board: highest value first, then the earliest time, then the address. */
export interface BoardPlace {
  readonly value: number
  /** Timestamp with microseconds. */
  readonly at: string
  readonly address: string
}

/** Entry of a board in memory. */
export interface Standing extends BoardPlace {
  /** Address, or account on the board `luck`. */
  readonly key: string
  readonly shares: number
  /** Value at the last 00:00 UTC; null if there was none. */
  readonly before: number | null
}

/** Entry with its rank. Equal values have equal ranks. */
export interface Ranked extends Standing {
  readonly rank: number
  /** Rank at the last 00:00 UTC minus `rank`; null if the entry was not on the board then. */
  readonly rank_change: number | null
}

const compareText = (one: string, other: string): number => {
  if (one === other) return 0
  return one < other ? -1 : 1
}

const byPlace = (one: BoardPlace, other: BoardPlace): number =>
  other.value - one.value || compareText(one.at, other.at) || compareText(one.address, other.address)

const byValueBefore = (one: Standing, other: Standing): number =>
  (other.before ?? 0) - (one.before ?? 0) || compareText(one.key, other.key)

/** One board of a week in memory. A change, a rank, and a page of 100 take microseconds. */
export class Standings {
  readonly #byKey = new Map<string, Standing>()
  readonly #now = new RankedList<Standing>(byPlace)
  readonly #before = new RankedList<Standing>(byValueBefore)

  get size(): number {
    return this.#now.size
  }

  /** Sums over all entries. */
  get totals(): { readonly shares: number; readonly value: number } {
    const sums = { shares: 0, value: 0 }
    for (const { shares, value } of this.#byKey.values()) {
      sums.shares += shares
      sums.value += value
    }
    return sums
  }

  /** Adds an entry, or replaces the one of the same key. */
  put(standing: Standing): void {
    this.remove(standing.key)
    this.#byKey.set(standing.key, standing)
    this.#now.insert(standing)
    if (standing.before !== null) this.#before.insert(standing)
  }

  remove(key: string): void {
    const former = this.#byKey.get(key)
    if (former === undefined) return
    this.#byKey.delete(key)
    this.#now.remove(former)
    if (former.before !== null) this.#before.remove(former)
  }

  find(key: string): Ranked | undefined {
    const standing = this.#byKey.get(key)
    return standing && this.#ranked(standing)
  }

  /** Entries after a place, even if its own entry no longer exists. */
  after(place: BoardPlace | undefined, limit: number): ReadonlyArray<Ranked> {
    const start = place === undefined ? 0 : this.#now.countLeading((other) => byPlace(other, place) <= 0)
    return this.#now.slice(start, limit).map((standing) => this.#ranked(standing))
  }

  /** Entry of a key with at most `count` entries above it and at most `count` below it. */
  around(key: string, count: number) {
    const standing = this.#byKey.get(key)
    if (standing === undefined) return undefined
    const index = this.#now.countLeading((other) => byPlace(other, standing) < 0)
    const others = this.size - 1
    const worse = this.size - this.#now.countLeading(({ value }) => value >= standing.value)
    return {
      entry: this.#ranked(standing),
      above: this.#now.slice(index - count, count).map((other) => this.#ranked(other)),
      below: this.#now.slice(index + 1, count).map((other) => this.#ranked(other)),
      /** Fraction of the other entries with a lower value; null if there are no others. */
      percentile: others === 0 ? null : worse / others
    }
  }

  #ranked(standing: Standing): Ranked {
    const { before, value } = standing
    const rank = 1 + this.#now.countLeading((other) => other.value > value)
    if (before === null) return { ...standing, rank, rank_change: null }
    const rankBefore = 1 + this.#before.countLeading((other) => (other.before ?? 0) > before)
    return { ...standing, rank, rank_change: rankBefore - rank }
  }
}
