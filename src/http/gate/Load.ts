import { Effect, Metric } from "effect"
import { performance } from "node:perf_hooks"
import { beginCounter } from "../../metrics/Counter.ts"
import { observeGauge } from "../../metrics/Observed.ts"
import { leastBegun, makeCapacity } from "./Capacity.ts"

export interface LoadOptions {
  /** Requests at once; those past it are shed. */
  readonly maxInFlight: number
  /** How late the event loop may be, in milliseconds; 0 for as late as it likes. */
  readonly maxDelayMs: number
}

type Reason = "in_flight" | "event_loop"

const shedFor = (reason: Reason) =>
  beginCounter(
    "http_requests_shed_total",
    "Requests that were refused because there were too many, by what there was too much of",
    { reason }
  )
const shedRequests = Effect.all({ in_flight: shedFor("in_flight"), event_loop: shedFor("event_loop") })
const inFlight = Metric.gauge("http_requests_in_flight", {
  description: "Requests at work, and those that wait to begin"
})
const waitingToBegin = Metric.gauge("http_requests_waiting", {
  description: "Those of them that wait until others have ended"
})

/** Between two looks, in milliseconds. */
export const lookMs = 100
/** Shedding has ended when so many looks have seen none. */
const quietLooks = 10

/**
 * Whether the event loop is overloaded, told how late each look at it was: twice in a row, as one statement of the
 * embedded database or one collection of garbage is no overload. One look in time ends it.
 */
export const makeLoopState = (maxDelayMs: number): ((delayMs: number) => boolean) => {
  const most = maxDelayMs === 0 ? Number.POSITIVE_INFINITY : maxDelayMs
  let late = 0
  return (delayMs) => {
    late = delayMs > most ? late + 1 : 0
    return late >= 2
  }
}

/** What there is to do and how much of that may be; plain numbers, as they are compared for every request. */
export interface Load {
  /** Requests at work that have no response yet. */
  begun: number
  /** Requests that wait to begin. */
  waiting: number
  /** Requests that had an answer, but for those that were shed and those whose callers gave up. */
  answered: number
  /** How many may be at work or wait. */
  readonly capacity: number
  /** How many may be at work. */
  readonly room: number
  /** Notes that a request is refused, as it is past `capacity`. */
  readonly shed: () => void
  /** What is to be done every `lookMs`: it looks at the event loop and at what was answered. */
  readonly look: Effect.Effect<void>
}

/** How much there is to do; logs when shedding begins and when it has ended. */
export const makeLoad = Effect.fnUntraced(function* ({ maxDelayMs, maxInFlight }: LoadOptions) {
  const run = Effect.runForkWith(yield* Effect.context())
  const countShed = yield* shedRequests
  const isLate = makeLoopState(maxDelayMs)
  const capacityAt = makeCapacity(maxInFlight)
  let reason: Reason = "in_flight"
  let capacity = maxInFlight
  let room = leastBegun
  let isShedding = false
  let count = 0
  let countBefore = 0
  let quiet = 0
  let answeredBefore = 0
  let lookedAt = performance.now()
  let usedBefore = performance.eventLoopUtilization()

  const look = Effect.suspend(() => {
    const { answered, begun, waiting } = load
    const now = performance.now()
    const used = performance.eventLoopUtilization()
    const elapsedMs = now - lookedAt
    const busy = performance.eventLoopUtilization(used, usedBefore).utilization
    const most = capacityAt({ elapsedMs, answered: answered - answeredBefore, busy, begun, waiting })
    reason = isLate(elapsedMs - lookMs) ? "event_loop" : "in_flight"
    capacity = reason === "event_loop" ? 0 : most.inFlight
    room = most.begun
    answeredBefore = answered
    usedBefore = used
    lookedAt = now
    if (!isShedding) return Effect.void
    quiet = count === countBefore ? quiet + 1 : 0
    countBefore = count
    if (quiet < quietLooks) return Effect.void
    const total = count
    isShedding = false
    count = 0
    return Effect.annotateLogs(Effect.logInfo("no longer overloaded"), { shed: total })
  })
  const load: Load = {
    begun: 0,
    waiting: 0,
    answered: 0,
    get capacity() {
      return capacity
    },
    get room() {
      return room
    },
    look,
    shed: () => {
      count += 1
      countShed[reason](1)
      if (isShedding) return
      isShedding = true
      quiet = 0
      countBefore = 0
      const line = Effect.logWarning("overloaded: requests are refused")
      run(Effect.annotateLogs(line, { reason, in_flight: load.begun + load.waiting }))
    }
  }
  yield* observeGauge(inFlight, () => load.begun + load.waiting)
  yield* observeGauge(waitingToBegin, () => load.waiting)
  return load
})
