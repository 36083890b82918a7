/** What was seen of the process since the look before. */
export interface Look {
  readonly elapsedMs: number
  /** Requests that had an answer, those that were shed aside. */
  readonly answered: number
  /** The part of the time in which the event loop had something to do, 0 to 1. */
  readonly busy: number
}

/** How long a request may wait for those before it, in milliseconds: who waits much longer has gone away. */
const waitMs = 500
/** As many have room however slow they are. */
const least = 64
/** From here on the processor is what requests wait for. */
const saturated = 0.95
/** Of the newest look in what is known: half of it is a third of a second old. */
const weight = 0.2

/**
 * How many requests there is room for. While the processor has time to spare they wait for something else, and there is
 * room for `most`. When it has none, each waits for those before it, so there is room for as many as are answered in
 * `waitMs` (Little's law): with more, all are answered too late, and the processor has worked for nothing.
 */
export const makeCapacity = (most: number): ((look: Look) => number) => {
  let busy = 0
  let perMs = 0
  const follow = (known: number, seen: number): number => known + weight * (seen - known)
  return (look) => {
    busy = follow(busy, look.busy)
    const seen = look.answered / look.elapsedMs
    perMs = perMs === 0 ? seen : follow(perMs, seen)
    return busy < saturated ? most : Math.min(most, Math.max(least, Math.round(perMs * waitMs)))
  }
}
