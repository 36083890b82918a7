import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { HttpServerResponse } from "effect/http"
import { createServer } from "node:http"
import { interposeListeners } from "../../src/http/NodeHttpServerListeners.ts"
import { answerTo, request } from "../support/RawHttp.ts"

const serverWith = Effect.fnUntraced(function* (seen: Array<string>) {
  const server = createServer()
  const takeOver = interposeListeners(server, ({ req }, start) => {
    seen.push(`${req.method} ${req.headers.expect ?? ""}`)
    start()
  })
  const { address, serve } = yield* NodeHttpServer.make(() => server, { host: "127.0.0.1", port: 0 })
  yield* serve(Effect.succeed(HttpServerResponse.text("served")))
  return { port: "port" in address ? address.port : 0, server, takeOver }
})

describe("interposeListeners", () => {
  it.live("intercepts every request between the server and the library", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const { port, takeOver } = yield* serverWith(seen)
      takeOver()
      const plain = yield* answerTo(port, request("/"))
      const headers = { Expect: "100-continue", "Content-Length": "0" }
      const expecting = yield* answerTo(port, request("/", { method: "POST", headers }))
      assert.deepStrictEqual([plain.body, expecting.body], ["served", "served"])
      assert.deepStrictEqual(seen, ["GET ", "POST 100-continue"])
    }).pipe(Effect.scoped, Effect.timeout("10 seconds"))
  )

  it.live("leaves earlier requests to the library", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const { port } = yield* serverWith(seen)
      assert.strictEqual((yield* answerTo(port, request("/"))).body, "served")
      assert.deepStrictEqual(seen, [])
    }).pipe(Effect.scoped, Effect.timeout("10 seconds"))
  )

  it.live("leaves the server one listener per event", () =>
    Effect.gen(function* () {
      const { server, takeOver } = yield* serverWith([])
      takeOver()
      assert.deepStrictEqual([server.listenerCount("request"), server.listenerCount("checkContinue")], [1, 1])
    }).pipe(Effect.scoped)
  )

  it("fails if the library has added no listener", () => {
    const takeOver = interposeListeners(createServer(), () => {})
    assert.throws(takeOver, "NodeHttpServer has no listener of request")
  })
})
