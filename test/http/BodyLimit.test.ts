import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { HttpServer } from "effect/http"
import { HttpApi, HttpApiBuilder, HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { connect } from "node:net"
import { request } from "../support/RawHttp.ts"
import { routesServer } from "../support/TestEdge.ts"

/** A group that sets no body limit. */
class ScratchApi extends HttpApi.make("scratch").add(
  HttpApiGroup.make("Scratch").add(HttpApiEndpoint.post("write", "/scratch", { payload: Schema.Unknown }))
) {}

const scratchRoutes = HttpApiBuilder.layer(ScratchApi).pipe(
  Layer.provide(HttpApiBuilder.group(ScratchApi, "Scratch", (group) => group.handleAll({ write: () => Effect.void }))),
  Layer.provide(HttpServer.layerServices)
)

const limit = 5000
const chunk = `3e8\r\n${"a".repeat(1000)}\r\n`

/** Sends an endless body; returns the response and how much was sent before the connection closed. */
const endlessBody = (port: number) =>
  Effect.callback<{ readonly text: string; readonly sent: number }>((resume) => {
    const socket = connect({ port, host: "127.0.0.1" })
    let text = ""
    const send = () => {
      if (!socket.destroyed) socket.write(chunk, () => setImmediate(send))
    }
    socket.on("data", (bytes) => (text += bytes.toString()))
    socket.on("error", () => {}).on("close", () => resume(Effect.succeed({ text, sent: socket.bytesWritten })))
    const headers = { "Content-Type": "application/json", "Transfer-Encoding": "chunked", Connection: "keep-alive" }
    socket.write(request("/scratch", { method: "POST", headers }), send)
    return Effect.sync(() => socket.destroy())
  })

describe("the body limit", () => {
  it.live("applies to a group that does not set it, and an endless body closes the connection", () =>
    Effect.gen(function* () {
      const { port } = yield* routesServer(scratchRoutes)({ variables: { TBG_MAX_BODY_BYTES: String(limit) } })
      const { sent, text } = yield* endlessBody(port)
      assert.match(text, /^HTTP\/1\.1 413 [^]*\{"detail":"Payload too large"\}$/)
      assert.isBelow(sent, 10 * 1024 * 1024)
    }).pipe(Effect.timeout("10 seconds"))
  )
})
