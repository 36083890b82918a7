import { Effect, Metric, Schedule } from "effect"
import type { IncomingMessage, ServerResponse } from "node:http"
import { performance } from "node:perf_hooks"
import { makeCounter } from "../metrics/Counter.ts"
import { observeGauge } from "../metrics/Observed.ts"
import { AdmissionSlots } from "./AdmissionSlots.ts"
import { onceClosed } from "./Connections.ts"
import type { RouteMethod } from "./middleware/Allow.ts"
import { isPreflight } from "./middleware/Cors.ts"
import { makePathTable, pathOfTarget } from "./middleware/PathTable.ts"

/** Concurrency limit while the CPU is saturated. A higher limit completes no request sooner and needs more memory. */
export const minConcurrency = 48
/** Longest wait in the queue, in milliseconds. Callers that wait much longer have usually given up. */
const maxWaitMs = 500
/** Milliseconds between two samples of the event loop. */
export const sampleMs = 100
/** Event-loop utilization at or above which requests wait mainly for the CPU. */
const saturatedUtilization = 0.95
/** Consecutive samples without a rejection that end an overload. */
const calmSamples = 10

/**
 * Concurrency limit after a sample. It grows while requests are queued and the CPU has time to spare, because requests
 * then wait for something else, for example a slow database. It grows faster the more time the CPU has.
 */
export const nextLimit = (limit: number, utilization: number, isQueueing: boolean, maxInFlight: number): number => {
  if (utilization >= saturatedUtilization) return Math.min(maxInFlight, Math.max(minConcurrency, limit / 4))
  return isQueueing ? Math.min(maxInFlight, limit * (2 - utilization) ** 2) : limit
}

/** Detects an overloaded event loop: two samples in a row delayed by more than `maxDelayMs`. 0 turns it off. */
export const makeDelayDetector = (maxDelayMs: number): ((delayMs: number) => boolean) => {
  let lateSamples = 0
  return (delayMs) => {
    lateSamples = maxDelayMs > 0 && delayMs > maxDelayMs ? lateSamples + 1 : 0
    return lateSamples >= 2
  }
}

/**
 * Returns whether a request is never queued or rejected. Probes are exempt so that monitoring works during an overload.
 * Preflights are exempt because a browser hides the 503 from scripts if the preflight fails.
 */
export const makePriority = (routes: Iterable<RouteMethod>) => {
  const probes = [...routes].filter(({ isProbe }) => isProbe === true)
  const probeAt = makePathTable(probes.map(({ path }) => [path, true]))
  return ({ headers, method = "", url = "" }: Pick<IncomingMessage, "headers" | "method" | "url">): boolean =>
    method === "GET" || method === "HEAD" ? probeAt(pathOfTarget(url)) === true : isPreflight(method, headers)
}

const arrivals = new WeakMap<object, number>()

/** Arrival time of a queued Node request, or else the current time, in milliseconds of `performance.now()`. */
export const arrivalTime = (request: object): number => arrivals.get(request) ?? performance.now()

const shedCounter = (reason: string) =>
  makeCounter("http_requests_shed_total", "Requests rejected because of overload, by reason", { reason })
const shedCounters = Effect.all({
  in_flight: shedCounter("in_flight"),
  event_loop: shedCounter("event_loop"),
  queue_timeout: shedCounter("queue_timeout")
})
const inFlightGauge = Metric.gauge("http_requests_in_flight", {
  description: "Requests being handled or waiting in the queue"
})
const waitingGauge = Metric.gauge("http_requests_waiting", { description: "Requests waiting in the queue" })

interface Admissible {
  readonly response: ServerResponse
  /** Starts handling the request. */
  readonly start: () => void
}

export interface AdmissionOptions {
  /** Maximum number of requests handled or queued at once. */
  readonly maxInFlight: number
  /** Maximum event-loop delay in milliseconds; 0 for no maximum. */
  readonly maxDelayMs: number
  readonly requestTimeoutMs: number
  readonly hasPriority: (request: IncomingMessage) => boolean
  readonly reject: (response: ServerResponse) => void
  /** Records that a caller disconnected while its request was queued. */
  readonly onAbandoned: (response: ServerResponse) => void
}

/**
 * Admission control: a concurrency limit and a bounded FIFO queue in front of Effect. A queued request has no
 * fiber. All requests wait until `open` is called, because the server listens before its routes are ready.
 */
export const makeAdmission = Effect.fnUntraced(function* (options: AdmissionOptions) {
  const { hasPriority, maxInFlight, onAbandoned, reject } = options
  const longestWait = Math.min(maxWaitMs, options.requestTimeoutMs)
  const run = Effect.runForkWith(yield* Effect.context())
  const countShed = yield* shedCounters
  const isDelayed = makeDelayDetector(options.maxDelayMs)
  const queue = new Set<Admissible>()
  let isOpen = false
  let isLate = false
  let isDispatchPending = false
  let inFlight = 0
  let limit = Math.min(minConcurrency, maxInFlight)
  let shedCount = 0
  let quietSamples = 0
  let sampledAt = performance.now()
  let utilizationAt = performance.eventLoopUtilization()

  const shed = (response: ServerResponse, reason: keyof typeof countShed): void => {
    countShed[reason](1)
    quietSamples = 0
    shedCount += 1
    if (shedCount === 1) {
      const fields = { reason, in_flight: inFlight + queue.size }
      run(Effect.annotateLogs(Effect.logWarning("overloaded; rejecting requests"), fields))
    }
    reject(response)
  }
  const dispatch = (): void => {
    isDispatchPending = false
    for (const queued of queue) {
      if (!isOpen || inFlight >= limit) return
      queue.delete(queued)
      begin(queued)
    }
  }
  const release = (): void => {
    inFlight -= 1
    if (queue.size === 0 || isDispatchPending) return
    // Runs once per event-loop turn, so that a chain of short requests does not delay reading new ones.
    isDispatchPending = true
    setImmediate(dispatch)
  }
  const begin = ({ response, start }: Admissible): void => {
    inFlight += 1
    onceClosed(response, release)
    start()
  }
  const enqueue = (queued: Admissible): void => {
    const { response } = queued
    arrivals.set(response.req, performance.now())
    // Node forgets the address of a closed socket unless it was read before the close.
    void response.req.socket.remoteAddress
    queue.add(queued)
    onceClosed(response, () => {
      if (queue.delete(queued)) onAbandoned(response)
    })
  }
  const rejectOverdue = (now: number): void => {
    for (const queued of queue) {
      if (now - arrivalTime(queued.response.req) < longestWait) return
      queue.delete(queued)
      shed(queued.response, "queue_timeout")
    }
  }
  /** Starts, queues or rejects a request. */
  const admit = (request: Admissible): void => {
    const hasRoom = !isLate && queue.size === 0 && inFlight < limit
    if (isOpen && (hasRoom || hasPriority(request.response.req))) begin(request)
    else if (!isLate && inFlight + queue.size < maxInFlight) enqueue(request)
    else shed(request.response, isLate ? "event_loop" : "in_flight")
  }
  const logRecovery = Effect.suspend(() => {
    quietSamples += 1
    if (shedCount === 0 || quietSamples <= calmSamples) return Effect.void
    const total = shedCount
    shedCount = 0
    return Effect.annotateLogs(Effect.logInfo("overload ended"), { shed: total })
  })
  const sample = Effect.suspend(() => {
    const now = performance.now()
    const utilization = performance.eventLoopUtilization()
    const { utilization: used } = performance.eventLoopUtilization(utilization, utilizationAt)
    isLate = isDelayed(now - sampledAt - sampleMs)
    limit = nextLimit(limit, used, queue.size > 0, maxInFlight)
    sampledAt = now
    utilizationAt = utilization
    dispatch()
    rejectOverdue(now)
    return logRecovery
  })
  yield* observeGauge(inFlightGauge, () => inFlight + queue.size)
  yield* observeGauge(waitingGauge, () => queue.size)
  const sampleAlways = Effect.catchDefect(sample, (defect) => Effect.logError("admission control failed", defect))
  yield* Effect.forkScoped(Effect.repeat(sampleAlways, Schedule.spaced(sampleMs)))
  const open = (): void => {
    isOpen = true
    dispatch()
  }
  const slots = AdmissionSlots.of({
    release: (response) => {
      if (!response.listeners("close").includes(release)) return
      response.off("close", release)
      release()
    }
  })
  return { admit, open, slots }
})
