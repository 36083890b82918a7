import { Effect, Layer, Queue } from "effect"
import { HttpClient, HttpClientError, HttpClientResponse } from "effect/http"
import type { HttpClientRequest } from "effect/http"
import { TbgClient } from "../../clients/typescript/src/index.ts"
import type { ClientOptions } from "../../clients/typescript/src/index.ts"

/** Outcome of a request: a response, no connection (`refused`), or no response (`frozen`). */
export type Turn = Response | "refused" | "frozen"

/** A scripted network; after the script, every connection is refused. */
export const scriptedNetwork = Effect.fnUntraced(function* (script: ReadonlyArray<Turn>) {
  const sent = yield* Queue.unbounded<HttpClientRequest.HttpClientRequest>()
  const turns = script.values()
  const network = HttpClient.make((request) => {
    Queue.offerUnsafe(sent, request)
    const turn = turns.next().value ?? "refused"
    if (turn === "frozen") return Effect.never
    return turn === "refused"
      ? Effect.fail(new HttpClientError.HttpClientError({ reason: new HttpClientError.TransportError({ request }) }))
      : Effect.succeed(HttpClientResponse.fromWeb(request, turn))
  })
  return { layer: Layer.succeed(HttpClient.HttpClient, network), sent }
})

/** A client on the test clock over a scripted network. */
export const scriptedClient = Effect.fnUntraced(function* (
  script: ReadonlyArray<Turn>,
  options: Partial<ClientOptions> = {}
) {
  const { layer, sent } = yield* scriptedNetwork(script)
  const clientLayer = TbgClient.layerHttpClient({ baseUrl: "http://tbg.test", ...options })
  const client = yield* TbgClient.pipe(Effect.provide(Layer.provide(clientLayer, layer)))
  return { calls: client, sent }
})
