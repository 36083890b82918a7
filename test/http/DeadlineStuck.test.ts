import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Schedule } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { Drain } from "../../src/http/Drain.ts"
import { makeRecordRoute } from "../../src/http/middleware/Common.ts"
import { freshRegistry } from "../support/MetricRegistry.ts"
import { inFlight } from "../support/InFlight.ts"
import { answersTo, request } from "../support/RawHttp.ts"
import { routesServer } from "../support/TestEdge.ts"
import type { TestServerOptions } from "../support/TestEdge.ts"

/**
 * Routes that only `release` ends (`/untold` notices the interruption), one that responds immediately, and one that
 * reads its whole body.
 */
const stuckServer = Effect.fnUntraced(function* (
  release: Deferred.Deferred<void>,
  variables: Readonly<Record<string, string>>,
  limits: TestServerOptions["limits"] = {}
) {
  const drain = yield* Deferred.make<Drain["Service"]>()
  const interrupted = yield* Deferred.make<void>()
  const routes = HttpRouter.use((router) =>
    Effect.gen(function* () {
      const asRoute = yield* makeRecordRoute
      const stuck = Effect.as(Effect.uninterruptible(Deferred.await(release)), HttpServerResponse.empty())
      yield* router.add("GET", "/stuck", asRoute("/stuck")(stuck))
      yield* router.add("GET", "/quick", asRoute("/quick")(Effect.succeed(HttpServerResponse.text("quick"))))
      const untold = Effect.onExit(Effect.never, () =>
        Effect.andThen(Deferred.succeed(interrupted, undefined), Deferred.await(release))
      )
      yield* router.add("GET", "/untold", asRoute("/untold")(untold))
      const read = Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ text }) => Effect.orDie(text))
      yield* router.add("POST", "/read", asRoute("/read")(Effect.map(read, HttpServerResponse.text)))
      yield* Deferred.succeed(drain, yield* Drain)
    })
  )
  const server = yield* routesServer(routes)({ variables, limits })
  return { ...server, drain: yield* Deferred.await(drain), interrupted: Deferred.await(interrupted) }
})

describe("a request that the deadline cannot interrupt", () => {
  it.live("gets one response, and its connection serves the next request", () =>
    Effect.gen(function* () {
      const release = yield* Deferred.make<void>()
      const { lines, port } = yield* stuckServer(release, { TBG_REQUEST_TIMEOUT_MS: "100" })
      // A server waits for its requests during shutdown.
      yield* Effect.addFinalizer(() => Deferred.succeed(release, undefined))
      const headers = { "X-Request-Id": "stuck" }
      const [late, next] = yield* answersTo(port, request("/stuck", { headers, keepAlive: true }), request("/quick"))
      assert.strictEqual(late?.status, 503)
      assert.strictEqual(late?.headers["retry-after"], "1")
      assert.strictEqual(late?.headers["x-request-id"], "stuck")
      assert.strictEqual(late?.body, '{"detail":"Service unavailable"}')
      assert.strictEqual(next?.status, 200)
      yield* Deferred.succeed(release, undefined)
      yield* Effect.repeat(inFlight, { until: ([value]) => value === 0, schedule: Schedule.spaced("5 millis") })
      assert.deepStrictEqual(
        lines.map((line) => Object(JSON.parse(line)).status),
        [503, 200]
      )
    }).pipe(Effect.scoped, Effect.timeout("10 seconds"), freshRegistry)
  )
})

describe("a request whose body never ends", () => {
  it.live("is interrupted once the parser has answered it with 408", () =>
    Effect.gen(function* () {
      const release = yield* Deferred.make<void>()
      const limits = { headersTimeout: 100, requestTimeout: 150, connectionsCheckingInterval: 20 }
      const { interrupted, lines, port } = yield* stuckServer(release, { TBG_REQUEST_TIMEOUT_MS: "100" }, limits)
      yield* Effect.addFinalizer(() => Deferred.succeed(release, undefined))
      const [answer] = yield* answersTo(port, request("/untold", { headers: { "Content-Length": "5" } }))
      assert.strictEqual(answer?.status, 408)
      yield* interrupted
      yield* Deferred.succeed(release, undefined)
      yield* Effect.repeat(
        Effect.sync(() => lines.length),
        { until: (count) => count === 1, schedule: Schedule.spaced("5 millis") }
      )
      assert.deepStrictEqual(
        lines.map((line) => Object(JSON.parse(line)).status),
        [408]
      )
    }).pipe(Effect.scoped, Effect.timeout("10 seconds"), freshRegistry)
  )
})

describe("an uninterruptible request during shutdown", () => {
  it.live.each([
    ["one that nothing ends", request("/stuck", { keepAlive: true })],
    [
      "one whose body does not come to its end",
      `${request("/read", { method: "POST", keepAlive: true, headers: { "Content-Length": "10" } })}abc`
    ]
  ] as const)("gets a response before its connection is closed: %s", ([, bytes]) =>
    Effect.gen(function* () {
      const release = yield* Deferred.make<void>()
      const variables = { TBG_SHUTDOWN_TIMEOUT_MS: "100", TBG_SHUTDOWN_DELAY_MS: "0" }
      const { drain, lines, port } = yield* stuckServer(release, variables)
      yield* Effect.addFinalizer(() => Deferred.succeed(release, undefined))
      const asked = yield* Effect.forkScoped(answersTo(port, bytes))
      yield* Effect.repeat(inFlight, { until: ([value]) => value === 1, schedule: Schedule.spaced("5 millis") })
      yield* Effect.andThen(drain.begin, drain.finish)
      const [answer, ...others] = yield* Fiber.join(asked)
      assert.deepStrictEqual(
        [answer?.status, answer?.headers["connection"], answer?.body, others],
        [503, "close", '{"detail":"Service unavailable"}', []]
      )
      assert.deepStrictEqual(
        lines.map((line) => Object(JSON.parse(line)).status),
        [503]
      )
    }).pipe(Effect.scoped, Effect.timeout("10 seconds"), freshRegistry)
  )

  it.live("gets a response even if the deadline interrupted it just before", () =>
    Effect.gen(function* () {
      const release = yield* Deferred.make<void>()
      const variables = { TBG_REQUEST_TIMEOUT_MS: "4000", TBG_SHUTDOWN_TIMEOUT_MS: "100", TBG_SHUTDOWN_DELAY_MS: "0" }
      const { drain, interrupted, port } = yield* stuckServer(release, variables)
      yield* Effect.addFinalizer(() => Deferred.succeed(release, undefined))
      const asked = yield* Effect.forkScoped(answersTo(port, request("/untold", { keepAlive: true })))
      yield* interrupted
      yield* Effect.andThen(drain.begin, drain.finish)
      assert.deepStrictEqual(
        (yield* Fiber.join(asked)).map(({ status }) => status),
        [503]
      )
    }).pipe(Effect.scoped, Effect.timeout("10 seconds"), freshRegistry)
  )
})
