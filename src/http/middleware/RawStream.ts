import { toServerResponse } from "@effect/platform-node/NodeHttpServerRequest"
import { Effect } from "effect"
import { HttpServerResponse } from "effect/http"
import type { HttpServerRequest } from "effect/http"
import { ServerResponse } from "node:http"

/** Writes the body of a response after its request has been handled. The response's head has been sent. */
export class RawStream {
  readonly start: (response: ServerResponse) => void
  constructor(start: (response: ServerResponse) => void) {
    this.start = start
  }
}

/** Response whose body is written by `start`, without a fiber. */
export const rawStream = (
  start: RawStream["start"],
  headers: Readonly<Record<string, string>>
): HttpServerResponse.HttpServerResponse => HttpServerResponse.raw(new RawStream(start), { headers })

/** The body of a response that `rawStream` made. */
export const rawStreamOf = ({ body }: HttpServerResponse.HttpServerResponse): RawStream | undefined =>
  body._tag === "Raw" && body.body instanceof RawStream ? body.body : undefined

/**
 * Sends the head of a response, hands it to its `RawStream`, and ends the request's fiber. Without an answer of the
 * pre-response handler, the library writes nothing. The connection closes after the response, because a body without
 * chunks ends there; chunks would cost two more buffers for each write and connection.
 */
export const handOver = (
  request: HttpServerRequest.HttpServerRequest,
  { headers, status }: HttpServerResponse.HttpServerResponse,
  { start }: RawStream
): Effect.Effect<never> =>
  Effect.suspend(() => {
    const response = toServerResponse(request)
    if (!(response instanceof ServerResponse)) return Effect.die(new Error("a live stream needs HTTP/1"))
    if (!response.destroyed) {
      response.writeHead(status, { ...headers, connection: "close" })
      start(response)
    }
    return Effect.interrupt
  })
