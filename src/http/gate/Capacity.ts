/** What was seen of the process since the look before. */
export interface Look {
  readonly elapsedMs: number
  /** Requests that had an answer, those that were shed aside. */
  readonly answered: number
  /** The part of the time in which the event loop had something to do, 0 to 1. */
  readonly busy: number
  /** Requests at work. */
  readonly begun: number
  /** Requests that wait to begin. */
  readonly waiting: number
}

/** How many requests there is room for. */
export interface Capacity {
  /** At work or waiting; what comes besides is refused. */
  readonly inFlight: number
  /** At work; what comes besides waits until one of them has ended. */
  readonly begun: number
}

/** How long a request may wait for those before it, in milliseconds: who waits much longer has gone away. */
const waitMs = 500
/** As many may be in flight however slow they are. */
const leastInFlight = 64
/** From here on the processor is what requests wait for. */
const saturated = 0.95
/** Of the newest look in what is known: half of it is a third of a second old. */
const weight = 0.2
/** As many may be at work, even on a processor that is busy. */
export const leastBegun = 48
/** The part of the room that is kept from one look to the next where less of it will do. */
const kept = 0.8

const makeInFlight = (most: number): ((look: Look) => number) => {
  let busy = 0
  let perMs = 0
  const follow = (known: number, seen: number): number => known + weight * (seen - known)
  return (look) => {
    busy = follow(busy, look.busy)
    const seen = look.answered / look.elapsedMs
    perMs = perMs === 0 ? seen : follow(perMs, seen)
    return busy < saturated ? most : Math.min(most, Math.max(leastInFlight, Math.round(perMs * waitMs)))
  }
}

const makeBegun = (): ((look: Look) => number) => {
  let room = leastBegun
  return ({ begun, busy, waiting }) => {
    const isBusy = busy >= saturated
    if (waiting > 0 && !isBusy) room *= 2 - busy
    else room = Math.max(leastBegun, room * kept, isBusy ? 0 : Math.min(room, begun))
    return room
  }
}

/**
 * How many requests there is room for, look by look.
 *
 * While the processor has time to spare they wait for something else, and there is room for `most`. When it has none,
 * each waits for those before it, so there is room for as many as are answered in `waitMs` (Little's law): with more,
 * all are answered too late, and the processor has worked for nothing.
 *
 * On a busy processor few of them are at work at once: with more none would end sooner, and each would cost more, as
 * what it made outlives the collections of young garbage. There is more room if the processor
 * has time to spare while some wait; the more, the more time it has.
 */
export const makeCapacity = (most: number): ((look: Look) => Capacity) => {
  const inFlightAt = makeInFlight(most)
  const begunAt = makeBegun()
  return (look) => ({ inFlight: inFlightAt(look), begun: begunAt(look) })
}
