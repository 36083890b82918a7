import { Effect, Metric, Schedule } from "effect"
import { FindMyWay } from "effect/http"
import { performance } from "node:perf_hooks"
import { beginCounter } from "../../metrics/Counter.ts"
import { observeGauge } from "../../metrics/Observed.ts"
import { isPathInput, routerConfig } from "./Allow.ts"
import type { RouteMethod } from "./Allow.ts"
import { makeCapacity } from "./Capacity.ts"

export interface OverloadOptions {
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
const inFlight = Metric.gauge("http_requests_in_flight", { description: "Requests that have no response yet" })

/** Between two looks at the event loop, in milliseconds. */
const lookMs = 100
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

/**
 * Which requests are never shed: those of the routes annotated as probes, so that whoever watches an overloaded service
 * still sees it. Asked for only past the cap, so a request in calm costs no look into a table.
 */
export const makeLane = (routes: Iterable<RouteMethod>): ((method: string, target: string) => boolean) => {
  const table = FindMyWay.make<true>(routerConfig)
  for (const { isProbe, path } of routes) {
    if (isProbe === true && isPathInput(path)) table.all(path, true)
  }
  return (method, target) => (method === "GET" || method === "HEAD") && table.find("GET", target) !== undefined
}

/** What there is to do and how much of that may be; two numbers, as they are compared for every request. */
export interface Load {
  /** Requests that have no response yet and are not refused. */
  inFlight: number
  /** Requests that had an answer, but for those that were shed and those whose callers gave up. */
  answered: number
  readonly capacity: number
  /** Gives back the place of a request that is refused because `inFlight` is past `capacity`. */
  readonly shed: () => void
}

/**
 * Watches the event loop and what is answered for the life of the scope, and logs when shedding begins and when it has
 * ended.
 */
export const makeOverload = Effect.fnUntraced(function* ({ maxDelayMs, maxInFlight }: OverloadOptions) {
  const run = Effect.runForkWith(yield* Effect.context())
  const countShed = yield* shedRequests
  const isLate = makeLoopState(maxDelayMs)
  const capacityAt = makeCapacity(maxInFlight)
  let reason: Reason = "in_flight"
  let capacity = maxInFlight
  let isShedding = false
  let count = 0
  let countBefore = 0
  let quiet = 0
  let answeredBefore = 0
  let lookedAt = performance.now()
  let usedBefore = performance.eventLoopUtilization()

  const look = Effect.suspend(() => {
    const now = performance.now()
    const used = performance.eventLoopUtilization()
    const elapsedMs = now - lookedAt
    const busy = performance.eventLoopUtilization(used, usedBefore).utilization
    const room = capacityAt({ elapsedMs, answered: load.answered - answeredBefore, busy })
    reason = isLate(elapsedMs - lookMs) ? "event_loop" : "in_flight"
    capacity = reason === "event_loop" ? 0 : room
    answeredBefore = load.answered
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
    inFlight: 0,
    answered: 0,
    get capacity() {
      return capacity
    },
    shed: () => {
      count += 1
      load.inFlight -= 1
      countShed[reason](1)
      if (isShedding) return
      isShedding = true
      quiet = 0
      countBefore = 0
      const line = Effect.logWarning("overloaded: requests are refused")
      run(Effect.annotateLogs(line, { reason, in_flight: load.inFlight }))
    }
  }
  yield* observeGauge(inFlight, () => load.inFlight)
  yield* Effect.forkScoped(Effect.repeat(look, Schedule.spaced(lookMs)))
  return load
})
