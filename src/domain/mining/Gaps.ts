import { maxBack } from "./ReadEvent.ts"
import { arrivalOf, compareIds } from "./StreamEntry.ts"
import type { StreamState } from "./StreamEntry.ts"

/** Span of time whose shares the projection may have missed. Times are in microseconds since 1970. */
export interface Gap {
  readonly reason: "first_start" | "reconnected" | "reset" | "trimmed"
  readonly from: number
  readonly to: number
}

/** Where reading continues, and the gap before it. */
export interface Resumption {
  readonly stream: string
  readonly position: string
  readonly gap: Gap | undefined
}

const second = 1_000_000
/** Shares that arrived in a gap may be dated this much before it. */
const before = 900 * second
/** Clocks of the engine and Redis may differ by this much. */
const after = 2 * second

/** How far the clock of Redis may be ahead. A gap that ends later would stay open. */
const maxAhead = 60 * second

/** Time of arrival. An entry that Redis dated with a wrong clock cannot have arrived later than now. */
const arrivalBefore = (id: string, now: number): number => Math.min(arrivalOf(id), now + maxAhead)

/** Last possible entry before another. */
const predecessorOf = (id: string): string => {
  const [milliseconds = "0", sequence = "0"] = id.split("-")
  return sequence === "0"
    ? `${Number(milliseconds) - 1}-18446744073709551615`
    : `${milliseconds}-${BigInt(sequence) - 1n}`
}

/** Position in a stream that was empty at a time: no entry is before it, and its sequence is the time. */
const emptyAt = (now: number): string => `0-${Math.floor(now / 1000)}`

const emptySinceOf = (position: string): number | undefined =>
  position.startsWith("0-") ? Number(position.slice(2)) * 1000 : undefined

/**
 * Compares a stream with the position in it; `undefined` if reading continues there. At the first start there is no
 * position. Ids that go back mean that a failover lost entries, or that Redis was emptied.
 */
export const resumptionOf = (
  { entries, isWrongType, newest, oldest, stream }: StreamState,
  position: string | undefined,
  now: number
): Resumption | undefined => {
  if (isWrongType) return undefined
  if (position === undefined) {
    const [start, to] =
      oldest === undefined ? [emptyAt(now), now] : [predecessorOf(oldest), arrivalBefore(oldest, now) + after]
    return { stream, position: start, gap: { reason: "first_start", from: now - maxBack, to } }
  }
  if (newest !== undefined && compareIds(newest, position) < 0) {
    const gap = { from: arrivalBefore(newest, now) - before, to: arrivalBefore(position, now) + after }
    return { stream, position: newest, gap: { reason: "reset", ...gap } }
  }
  if (entries.length === 0 || oldest === undefined) return undefined
  const start = predecessorOf(oldest)
  if (compareIds(oldest, position) <= 0 || position === start) return undefined
  const emptySince = emptySinceOf(position)
  const gap = { from: (emptySince ?? arrivalBefore(position, now)) - before, to: arrivalBefore(oldest, now) + after }
  return { stream, position: start, gap: { reason: emptySince === undefined ? "trimmed" : "first_start", ...gap } }
}

/** Entries that Redis had accepted this long before an outage may not have been read, in microseconds. */
const unread = 10 * second

/** Gap of an outage of Redis that ends now. */
export const outageOf = (position: string, now: number): Gap => ({
  reason: "reconnected",
  from: (emptySinceOf(position) ?? Math.min(arrivalOf(position), now)) - unread,
  to: now + after
})
