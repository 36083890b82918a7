import { assert, describe, it } from "@effect/vitest"
import { Effect, Metric } from "effect"
import type { Scope } from "effect"
import { TestClock } from "effect/testing"
import { IncomingMessage, ServerResponse } from "node:http"
import { Socket } from "node:net"
import { arrivalTime, makeAdmission, makeDelayDetector, minConcurrency, nextLimit } from "../../src/http/Admission.ts"
import { capturedLogs } from "../support/CapturedLogs.ts"
import { endOfEventLoopTurn } from "../support/EventLoopTurn.ts"
import { freshRegistry } from "../support/MetricRegistry.ts"
import { inFlight, queuedRequests } from "../support/InFlight.ts"

/** Admission control after `sent` requests, and a log of the events of further requests. */
const admission = Effect.fnUntraced(function* (
  sent: number,
  { isOpen = true, maxInFlight = 1000, maxWaitMs = 1000 } = {}
) {
  const events: Array<string> = []
  const record = (event: string) => (response: ServerResponse) => void events.push(`${response.req.url} ${event}`)
  const { admit, open } = yield* makeAdmission({
    maxInFlight,
    maxDelayMs: 0,
    requestTimeoutMs: maxWaitMs,
    hasPriority: ({ url }) => url === "/probe",
    reject: (response) => {
      record("rejected")(response)
      if (response.req.url === "/broken") throw new Error("headers were sent")
    },
    onAbandoned: record("abandoned")
  })
  const send = (url: string, { isPipelined = false } = {}): ServerResponse => {
    const request = Object.assign(new IncomingMessage(new Socket()), { url, method: "GET" })
    const response = new ServerResponse(request)
    if (!isPipelined) response.assignSocket(request.socket)
    admit({ response, start: () => record("started")(response) })
    return response
  }
  if (isOpen) open()
  const first = Array.from({ length: sent }, () => send("/first"))
  events.length = 0
  const finishOne = Effect.suspend(() => {
    first.pop()?.emit("close")
    return endOfEventLoopTurn
  })
  return { events, finishOne, open, send }
})

const itAdmits = <E>(name: string, test: () => Effect.gen.Return<void, E, Scope.Scope>) =>
  it.effect(name, () => Effect.gen(test).pipe(Effect.scoped, freshRegistry))

const shedSoFar = Effect.map(Metric.snapshot, (metrics) =>
  metrics.flatMap(({ attributes, id, state }) =>
    id === "http_requests_shed_total" && "count" in state ? [[attributes?.["reason"], Number(state.count)]] : []
  )
)

describe("admission control", () => {
  itAdmits("queues requests above the concurrency limit and starts them in order", function* () {
    const { events, finishOne, send } = yield* admission(minConcurrency)
    for (const url of ["/a", "/b", "/c"]) send(url)
    assert.deepStrictEqual(events, [])
    assert.deepStrictEqual([yield* inFlight, yield* queuedRequests], [[minConcurrency + 3], [3]])
    yield* finishOne
    yield* finishOne
    assert.deepStrictEqual(events, ["/a started", "/b started"])
    assert.deepStrictEqual([yield* inFlight, yield* queuedRequests], [[minConcurrency + 1], [1]])
  })

  itAdmits("rejects requests above the maximum in flight, except priority requests", function* () {
    const { events, send } = yield* admission(minConcurrency + 1, { maxInFlight: minConcurrency + 1 })
    send("/a")
    send("/probe")
    assert.deepStrictEqual(events, ["/a rejected", "/probe started"])
  })

  itAdmits("drops a queued request whose caller disconnects, and gives its place to the next", function* () {
    const { events, finishOne, send } = yield* admission(minConcurrency, { maxInFlight: minConcurrency + 1 })
    send("/gone").emit("close")
    send("/next")
    yield* finishOne
    assert.deepStrictEqual(events, ["/gone abandoned", "/next started"])
  })

  itAdmits("counts a started request once even if its connection closes after it was queued", function* () {
    const { events, finishOne, send } = yield* admission(minConcurrency)
    const response = send("/a")
    yield* finishOne
    response.emit("close")
    response.emit("close")
    assert.deepStrictEqual(events, ["/a started"])
    assert.deepStrictEqual(yield* inFlight, [minConcurrency - 1])
  })

  itAdmits("releases a pipelined request, whose response has no socket yet, when its connection is lost", function* () {
    const { send } = yield* admission(0)
    const { req } = send("/pipelined", { isPipelined: true })
    assert.deepStrictEqual(yield* inFlight, [1])
    req.socket.emit("close")
    req.socket.emit("close")
    assert.deepStrictEqual(yield* inFlight, [0])
  })

  itAdmits("rejects a request that was queued for too long", function* () {
    const { events, send } = yield* admission(minConcurrency, { maxWaitMs: 0 })
    send("/late")
    yield* TestClock.adjust("100 millis")
    assert.deepStrictEqual(events, ["/late rejected"])
    assert.deepInclude(yield* shedSoFar, ["queue_timeout", 1])
  })

  itAdmits("continues after a rejection that fails", function* () {
    const { events, send } = yield* admission(minConcurrency, { maxWaitMs: 0 })
    send("/broken")
    yield* TestClock.adjust("100 millis")
    send("/late")
    yield* TestClock.adjust("100 millis")
    assert.deepStrictEqual(events, ["/broken rejected", "/late rejected"])
  })

  itAdmits("queues requests until the routes are ready", function* () {
    const { events, open, send } = yield* admission(0, { isOpen: false })
    send("/probe")
    assert.deepStrictEqual(events, [])
    open()
    assert.deepStrictEqual(events, ["/probe started"])
  })

  itAdmits("records the arrival time of a queued request", function* () {
    const { send } = yield* admission(minConcurrency)
    const { req } = send("/a")
    const arrivedAt = arrivalTime(req)
    yield* endOfEventLoopTurn
    assert.strictEqual(arrivalTime(req), arrivedAt)
  })

  it.effect("logs the start and the end of an overload, and counts rejections by reason", () =>
    Effect.gen(function* () {
      const { entries, layer } = yield* capturedLogs
      yield* Effect.gen(function* () {
        const { send } = yield* admission(1, { maxInFlight: 1 })
        for (const url of ["/a", "/b", "/c"]) send(url)
        yield* TestClock.adjust("900 millis")
        send("/d")
        yield* TestClock.adjust("900 millis")
        assert.deepStrictEqual(entries, [{ level: "Warn", message: "overloaded; rejecting requests" }])
        yield* TestClock.adjust("300 millis")
        send("/e")
        assert.deepStrictEqual(
          entries.map(({ message }) => message),
          ["overloaded; rejecting requests", "overload ended", "overloaded; rejecting requests"]
        )
        assert.deepInclude(yield* shedSoFar, ["in_flight", 5])
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped, freshRegistry)
  )
})

describe("the concurrency limit", () => {
  it.each([
    ["grows while requests are queued and the CPU has time to spare", 48, 0.5, true, 108],
    ["quadruples while the CPU is idle", 48, 0, true, 192],
    ["does not grow above the maximum in flight", 900, 0.5, true, 1000],
    ["stays while no request is queued", 192, 0.5, false, 192],
    ["shrinks while the CPU is saturated", 1000, 0.95, true, 250],
    ["does not shrink below its minimum", 60, 1, true, minConcurrency]
  ])("%s", (_, limit, utilization, isQueueing, expected) => {
    assert.strictEqual(nextLimit(limit, utilization, isQueueing, 1000), expected)
  })
})

describe("the detector of event-loop delay", () => {
  it.each([
    ["reports two late samples in a row, until one is on time", 500, [501, 501, 0, 501], [false, true, false, false]],
    ["ignores a single late sample", 500, [9000, 500, 9000, 0], [false, false, false, false]],
    ["is off at 0", 0, [9000, 9000, 9000], [false, false, false]]
  ])("%s", (_, maxDelayMs, delays, expected) => {
    assert.deepStrictEqual(delays.map(makeDelayDetector(maxDelayMs)), expected)
  })
})
