// Streams in three ways, on the HTTP server of this service without its edge. The argument is the way. `POST /broadcast`
// sends an event to all streams. `GET /memory` returns the resident and heap memory after a collection. Needs --expose-gc.
import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Effect, Layer, PubSub, Schema, Stream } from "effect"
import { HttpEffect, HttpRouter } from "effect/http"
import { HttpApi, HttpApiBuilder, HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { createServer } from "node:http"
import type { ServerResponse } from "node:http"
import { bodyWriterOf, sendStream, rawStream } from "../../src/http/middleware/RawStream.ts"

const Event = Schema.Struct({ type: Schema.String, height: Schema.Int })
const event = { type: "network", height: 900_000 }
const text = `event: message\ndata: ${JSON.stringify(event)}\n\n`
const bytes = new TextEncoder().encode(text)
const hello = new TextEncoder().encode(": ok\n\n")
const contentType = "text/event-stream"

class StreamsApi extends HttpApi.make("streams").add(
  HttpApiGroup.make("Streams").add(
    HttpApiEndpoint.get("sse", "/sse", { success: HttpApiSchema.StreamSse({ data: Event }) }),
    HttpApiEndpoint.get("bytes", "/bytes", { success: HttpApiSchema.StreamUint8Array({ contentType }) }),
    HttpApiEndpoint.get("raw", "/raw", { success: HttpApiSchema.StreamUint8Array({ contentType }) }),
    HttpApiEndpoint.get("health", "/health", { success: Schema.String }),
    HttpApiEndpoint.get("memory", "/memory", {
      success: Schema.Struct({ resident: Schema.Int, heap: Schema.Int, streams: Schema.Int })
    }),
    HttpApiEndpoint.post("broadcast", "/broadcast")
  )
) {}

const Handlers = HttpApiBuilder.group(
  StreamsApi,
  "Streams",
  Effect.fnUntraced(function* (group) {
    const events = yield* PubSub.bounded<typeof event>(64)
    const chunks = yield* PubSub.bounded<Uint8Array>(64)
    const responses = new Set<ServerResponse>()
    let streams = 0
    const counted = <A>(stream: Stream.Stream<A>) =>
      Stream.ensuring(
        stream,
        Effect.sync(() => (streams -= 1))
      ).pipe(Stream.onStart(Effect.sync(() => (streams += 1))))
    return group.handleAll({
      sse: () => Effect.succeed(counted(Stream.concat(Stream.succeed(event), Stream.fromPubSub(events)))),
      bytes: () => Effect.succeed(counted(Stream.concat(Stream.succeed(hello), Stream.fromPubSub(chunks)))),
      raw: () =>
        Effect.succeed(
          rawStream(
            (response) => {
              responses.add(response)
              response.once("close", () => responses.delete(response))
              response.write(hello)
              return () => 0
            },
            { "content-type": contentType }
          )
        ),
      health: () => Effect.succeed("ok"),
      memory: () =>
        Effect.sync(() => {
          globalThis.gc?.()
          globalThis.gc?.()
          const { heapUsed, rss } = process.memoryUsage()
          return { resident: rss, heap: heapUsed, streams: streams + responses.size }
        }),
      broadcast: Effect.fnUntraced(function* () {
        yield* PubSub.publish(events, event)
        yield* PubSub.publish(chunks, bytes)
        for (const response of responses) response.write(bytes)
      })
    })
  })
)

/** The part of the edge that hands raw streams over. */
const HandOver = HttpRouter.middleware(
  HttpEffect.withPreResponseHandler((request, response) => {
    const write = bodyWriterOf(response)
    return write === undefined ? Effect.succeed(response) : sendStream(request, response, write, () => {})
  }),
  { global: true }
)

const Server = HttpRouter.serve(HttpApiBuilder.layer(StreamsApi).pipe(Layer.provide(Handlers), Layer.merge(HandOver)), {
  disableListenLog: true,
  disableLogger: true
}).pipe(Layer.provide(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: Number(process.env["TBG_PORT"]) })))

NodeRuntime.runMain(Layer.launch(Server))
