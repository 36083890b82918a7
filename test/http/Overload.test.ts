import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import { minConcurrency } from "../../src/http/Admission.ts"
import { freshRegistry } from "../support/MetricRegistry.ts"
import { held, inFlight, inFlightIs } from "../support/InFlight.ts"
import { get } from "../support/Http.ts"
import { answersTo, answerTo, request } from "../support/RawHttp.ts"
import { faultyServer, realServer } from "../support/TestEdge.ts"

const overloaded =
  '{"error":"Service overloaded","code":"OVERLOADED","details":{"request_id":"shed","doc_url":"/errors/overloaded"}}'

const full = Effect.fnUntraced(function* (maxInFlight: number) {
  const server = yield* faultyServer({ variables: { TBG_MAX_IN_FLIGHT: String(maxInFlight) } })
  yield* held(server.port, maxInFlight)
  return server
})

const messagesIn = (lines: ReadonlyArray<string>) => lines.map((line) => String(Object(JSON.parse(line)).message))

describe("requests above TBG_MAX_IN_FLIGHT", () => {
  it.live.each([
    ["/faulty/never", undefined, '{"detail":"Service overloaded"}'],
    ["/faulty/unknown", undefined, '{"detail":"Service overloaded"}'],
    ["http://localhost/v1/faulty/never", undefined, overloaded],
    ["/v1/faulty/never", undefined, overloaded],
    ["/faulty/never", "application/problem+json", '"code":"OVERLOADED"']
  ] as const)("are rejected immediately in the caller's error format: %s %s", ([path, accept, body]) =>
    Effect.gen(function* () {
      const { port } = yield* full(2)
      const headers = { Accept: accept, "X-Request-Id": "shed", Origin: "http://localhost:3000" }
      const answer = yield* answerTo(port, request(path, { headers }))
      assert.strictEqual(answer.status, 503)
      assert.strictEqual(answer.headers["retry-after"], "1")
      assert.strictEqual(answer.headers["x-request-id"], "shed")
      assert.strictEqual(answer.headers["access-control-allow-origin"], "http://localhost:3000")
      assert.include(answer.body, body)
    }).pipe(Effect.scoped, Effect.timeout("10 seconds"), freshRegistry)
  )

  it.live("are logged on one line each, with one line when the overload begins", () =>
    Effect.gen(function* () {
      const { lines, port } = yield* full(1)
      yield* Effect.all(Array.from({ length: 3 }, () => answerTo(port, request("/faulty/never"))))
      assert.deepStrictEqual(messagesIn(lines).toSorted(), [
        "overloaded; rejecting requests",
        "request",
        "request",
        "request"
      ])
      // None of them is counted or released.
      assert.deepStrictEqual(yield* inFlight, [1])
    }).pipe(Effect.scoped, Effect.timeout("10 seconds"), freshRegistry)
  )

  it.live("do not delay probes, which are recognized by annotation and not by path", () =>
    Effect.gen(function* () {
      const { port } = yield* full(1)
      const statusOf = (path: string, method = "GET") =>
        Effect.map(answerTo(port, request(path, { method })), ({ status }) => status)
      assert.strictEqual(yield* statusOf("/faulty/probe"), 200)
      assert.strictEqual(yield* statusOf("/faulty/probe?x=1", "HEAD"), 200)
      assert.strictEqual(yield* statusOf("//faulty/probe"), 503)
      assert.strictEqual(yield* statusOf("/FAULTY/PROBE"), 503)
    }).pipe(Effect.scoped, Effect.timeout("10 seconds"), freshRegistry)
  )

  it.live("keep their connection open, except if they wait for 100 Continue", () =>
    Effect.gen(function* () {
      const { port } = yield* full(1)
      const kept = request("/version", { keepAlive: true })
      const waiting = request("/faulty/never", {
        method: "POST",
        keepAlive: true,
        headers: { Expect: "100-continue", "Content-Length": "5" }
      })
      const posted = request("/faulty/never", { method: "POST", keepAlive: true, body: "{}" })
      const answers = yield* answersTo(port, kept, posted, waiting)
      assert.deepStrictEqual(
        answers.map(({ headers, status }) => [status, headers["connection"]]),
        [
          [503, "keep-alive"],
          [503, "keep-alive"],
          [503, "close"]
        ]
      )
    }).pipe(Effect.scoped, Effect.timeout("10 seconds"), freshRegistry)
  )

  it.live("close their connection if the body is too large to drain", () =>
    Effect.gen(function* () {
      const { port } = yield* full(1)
      const headers = { "Content-Length": "20000000" }
      const { headers: answered, status } = yield* answerTo(
        port,
        request("/faulty/never", { method: "POST", keepAlive: true, headers })
      )
      assert.deepStrictEqual([status, answered["connection"]], [503, "close"])
    }).pipe(Effect.scoped, Effect.timeout("10 seconds"), freshRegistry)
  )

  it.live("get no body if they used HEAD", () =>
    Effect.gen(function* () {
      const { port } = yield* full(1)
      const { body, headers, status } = yield* answerTo(port, request("/faulty/never", { method: "HEAD" }))
      assert.deepStrictEqual([status, headers["content-length"], body], [503, "31", ""])
    }).pipe(Effect.scoped, Effect.timeout("10 seconds"), freshRegistry)
  )

  it.live("do not block preflights", () =>
    Effect.gen(function* () {
      const { port } = yield* full(1)
      const headers = { Origin: "http://localhost:3000", "Access-Control-Request-Method": "GET" }
      const { status } = yield* answerTo(port, request("/faulty/never", { method: "OPTIONS", headers }))
      assert.strictEqual(status, 204)
    }).pipe(Effect.scoped, Effect.timeout("10 seconds"), freshRegistry)
  )

  it.live("are accepted again once there is capacity", () =>
    Effect.gen(function* () {
      const { port, url } = yield* faultyServer({ variables: { TBG_MAX_IN_FLIGHT: "1" } })
      const shedWhileHeld = Effect.andThen(held(port, 1), answerTo(port, request("/faulty/defect")))
      assert.strictEqual((yield* Effect.scoped(shedWhileHeld)).status, 503)
      yield* inFlightIs(0)
      assert.strictEqual((yield* get(`${url}/faulty/defect`)).status, 500)
    }).pipe(Effect.scoped, Effect.timeout("10 seconds"), freshRegistry)
  )
})

describe("requests above the concurrency limit", () => {
  it.live("are all answered as capacity allows", () =>
    Effect.gen(function* () {
      const { port } = yield* faultyServer({ variables: { TBG_MAX_EVENT_LOOP_DELAY_MS: "0" } })
      yield* held(port, 2 * minConcurrency)
      // Capacity depends on what else the processor does, so a request may be shed at first.
      yield* Effect.repeat(answerTo(port, request("/faulty/defect")), {
        until: ({ status }) => status === 500,
        schedule: Schedule.spaced("20 millis")
      })
    }).pipe(Effect.scoped, Effect.timeout("50 seconds"), freshRegistry)
  )
})

/** Blocks the event loop shared by this test and its server. */
const holdUp = (milliseconds: number) =>
  Effect.sync(() => {
    const end = performance.now() + milliseconds
    while (performance.now() < end);
  })

describe("requests during event-loop delay", () => {
  it.live("are rejected, except probes, until the delay ends", () =>
    Effect.gen(function* () {
      const { url } = yield* realServer({ variables: { TBG_MAX_EVENT_LOOP_DELAY_MS: "50" } })
      const statusOf = (path: string) => Effect.map(get(`${url}${path}`), ({ status }) => status)
      const whileLate = (path: string) =>
        Effect.andThen(Effect.repeat(Effect.andThen(holdUp(200), Effect.yieldNow), { times: 2 }), statusOf(path))
      yield* Effect.repeat(whileLate("/version"), { until: (status) => status === 503 })
      yield* holdUp(200)
      for (const path of ["/health", "/ready", "/health/db", "/v1/healthz"])
        assert.strictEqual(yield* statusOf(path), 200)
      yield* Effect.repeat(statusOf("/version"), {
        until: (status) => status === 200,
        schedule: Schedule.spaced("20 millis")
      })
    }).pipe(Effect.scoped, Effect.timeout("20 seconds"), freshRegistry)
  )
})
