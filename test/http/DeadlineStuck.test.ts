import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Layer, Schedule } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { edge } from "../../src/http/Edge.ts"
import { asRoute } from "../../src/http/middleware/Matched.ts"
import { nodeServer, serveOptions } from "../../src/http/Server.ts"
import { freshRegistry } from "../support/FreshRegistry.ts"
import { inFlight } from "../support/InFlight.ts"
import { answersTo, request } from "../support/RawHttp.ts"
import { listening } from "../support/TestEdge.ts"

/** A route that nothing ends before `release`, and one that answers at once. */
const stuckServer = (release: Deferred.Deferred<void>) => {
  const routes = HttpRouter.use((router) =>
    Effect.gen(function* () {
      const stuck = Effect.as(Effect.uninterruptible(Deferred.await(release)), HttpServerResponse.empty())
      yield* router.add("GET", "/stuck", asRoute("/stuck")(stuck))
      yield* router.add("GET", "/quick", asRoute("/quick")(Effect.succeed(HttpServerResponse.text("quick"))))
    })
  )
  return listening((limits) =>
    HttpRouter.serve(Layer.merge(routes, edge([])), serveOptions).pipe(Layer.provideMerge(nodeServer(limits)))
  )({ variables: { TBG_REQUEST_TIMEOUT_MS: "100" } })
}

describe("a request that the deadline cannot end", () => {
  it.live("is answered all the same, once, and its connection serves the next", () =>
    Effect.gen(function* () {
      const release = yield* Deferred.make<void>()
      const { lines, port } = yield* stuckServer(release)
      // A server waits for its requests when it ends.
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
