import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import { default as fc } from "fast-check"
import { connect } from "node:net"
import { minConcurrency } from "../../src/http/Admission.ts"
import { freshRegistry } from "../support/MetricRegistry.ts"
import { held, inFlight, statuses, queuedRequests } from "../support/InFlight.ts"
import { answersTo, request } from "../support/RawHttp.ts"
import { faultyServer } from "../support/TestEdge.ts"

const until = (wanted: number) =>
  Effect.repeat(inFlight, { until: ([value]) => value === wanted, schedule: Schedule.spaced("5 millis") })

describe("the gauge of requests in flight", () => {
  it.live("increases with a queued request, and decreases when its caller disconnects", () =>
    Effect.gen(function* () {
      const { port } = yield* faultyServer()
      const socket = connect({ port, host: "127.0.0.1" })
      socket.write(request("/faulty/never", { keepAlive: true }))
      yield* until(1)
      socket.destroy()
      yield* until(0)
      assert.deepStrictEqual(yield* statuses, ["499"])
    }).pipe(Effect.timeout("10 seconds"), freshRegistry)
  )

  it.live("decreases after a defect and after the deadline", () =>
    Effect.gen(function* () {
      const { url } = yield* faultyServer({ variables: { TBG_REQUEST_TIMEOUT_MS: "50" } })
      yield* Effect.promise(() => fetch(`${url}/faulty/defect`))
      yield* Effect.promise(() => fetch(`${url}/faulty/never`))
      yield* until(0)
      assert.sameMembers([...(yield* statuses)], ["500", "503"])
    }).pipe(Effect.timeout("10 seconds"), freshRegistry)
  )
})

/** Upgrade requests in every body framing. */
const upgrades = fc
  .record({
    method: fc.constantFrom("GET", "POST", "OPTIONS", "TRACE"),
    target: fc.constantFrom("/faulty/probe", "/faulty/reports", "/nothing", "*"),
    headers: fc.record({
      Upgrade: fc.constantFrom("websocket", "h2c", "foo/1", "websocket, h2c", ""),
      Connection: fc.constantFrom("Upgrade", "upgrade, close", "keep-alive, Upgrade", "close")
    }),
    framing: fc.constantFrom(
      { headers: {}, body: "" },
      { headers: { "Content-Length": "2" }, body: "{}" },
      { headers: { "Transfer-Encoding": "chunked" }, body: "2\r\n{}\r\n0\r\n\r\n" },
      { headers: { Expect: "100-continue" }, body: "" }
    )
  })
  .map(({ framing, headers, method, target }) => {
    const all = { "Content-Type": "application/json", ...headers, ...framing.headers }
    return request(target, { method, headers: all }) + framing.body
  })

describe("requests with an Upgrade header", () => {
  it.live("leave the number of requests in flight at zero, never below", () =>
    Effect.gen(function* () {
      const run = Effect.runPromiseWith(yield* Effect.context())
      const { port } = yield* faultyServer()
      const last = request("/faulty/probe")
      const property = fc.asyncProperty(upgrades, (bytes) =>
        run(Effect.andThen(answersTo(port, bytes, last), inFlight)).then((value) => assert.deepStrictEqual(value, [0]))
      )
      yield* Effect.promise(() => fc.assert(property, { numRuns: 200, seed: 1 }))
    }).pipe(freshRegistry)
  )
})

describe("callers who disconnect", () => {
  it.live("are logged on one line with their address, whether their request had started or not", () =>
    Effect.gen(function* () {
      const count = 2 * minConcurrency
      const { lines, port } = yield* faultyServer()
      yield* Effect.scoped(held(port, count))
      yield* Effect.repeat(
        Effect.sync(() => lines.length),
        {
          until: (length) => length >= count,
          schedule: Schedule.spaced("5 millis")
        }
      )
      assert.deepStrictEqual(yield* inFlight, [0])
      assert.deepStrictEqual(yield* queuedRequests, [0])
      const requests = lines.map((line) => Object(JSON.parse(line))).map((line) => [line.status, line.client_address])
      assert.deepStrictEqual(
        requests,
        Array.from({ length: count }, () => [499, "127.0.0.1"])
      )
    }).pipe(Effect.timeout("10 seconds"), freshRegistry)
  )
})
