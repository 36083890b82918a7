import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { once } from "node:events"
import { connect } from "node:net"
import { makeRecordRoute } from "../../src/http/middleware/Common.ts"
import { freshRegistry } from "../support/MetricRegistry.ts"
import { collectGarbage } from "../support/GarbageCollection.ts"
import { request } from "../support/RawHttp.ts"
import { routesServer } from "../support/TestEdge.ts"

/** Weak references to every body that a server sent. */
const sendingServer = Effect.gen(function* () {
  const sent: Array<WeakRef<Uint8Array>> = []
  const send = Effect.sync(() => {
    const body = new TextEncoder().encode("sent")
    sent.push(new WeakRef(body))
    return HttpServerResponse.uint8Array(body)
  })
  const routes = HttpRouter.use((router) =>
    Effect.flatMap(makeRecordRoute, (asRoute) => router.add("GET", "/send", asRoute("/send")(send)))
  )
  const server = yield* routesServer(routes)()
  return { port: server.port, sent }
})

describe("a sent response", () => {
  it.live("is not retained by its open connection", () =>
    Effect.gen(function* () {
      const { port, sent } = yield* sendingServer
      const socket = yield* Effect.acquireRelease(
        Effect.sync(() => connect({ port, host: "127.0.0.1" })),
        (socket) => Effect.sync(() => socket.destroy())
      )
      for (let count = 1; count <= 2; count++) {
        socket.write(request("/send", { keepAlive: true }))
        yield* Effect.promise(() => once(socket, "data"))
        // The server may still be busy with the end of the response.
        const isReleased = Effect.sync(() => sent.every((body) => body.deref() === undefined))
        yield* Effect.repeat(Effect.andThen(collectGarbage, isReleased), { until: (done) => done, times: 20 })
        assert.deepStrictEqual(
          sent.map((body) => body.deref()),
          Array.from({ length: count }, () => undefined)
        )
      }
    }).pipe(Effect.scoped, Effect.timeout("10 seconds"), freshRegistry)
  )
})
