import { Effect } from "effect"
import { HttpServerResponse } from "effect/http"
import type { HttpServerRequest } from "effect/http"
import type { ServerResponse } from "node:http"
import { nodeResponseOf } from "./NodeResponse.ts"

/** Writes the body of a response whose head was sent, and returns a function that counts its bytes so far. */
export type WriteBody = (response: ServerResponse) => () => number

/** Body of a response that is written without a fiber. */
class RawStream {
  readonly write: WriteBody
  constructor(write: WriteBody) {
    this.write = write
  }
}

/** Response whose body is written after its request was handled, for as long as the client stays connected. */
export const rawStream = (
  write: WriteBody,
  headers: Readonly<Record<string, string>>
): HttpServerResponse.HttpServerResponse => HttpServerResponse.raw(new RawStream(write), { headers })

/** Function that writes the body of a response; undefined unless `rawStream` created the response. */
export const bodyWriterOf = ({ body }: HttpServerResponse.HttpServerResponse): WriteBody | undefined =>
  body._tag === "Raw" && body.body instanceof RawStream ? body.body.write : undefined

/**
 * Sends the head of a response, starts its body, and interrupts the request's fiber, so that the library writes nothing.
 * The body ends with its connection, because chunks would add two buffers to each write. `onOpen` gets the function that
 * counts the bytes.
 */
export const sendStream = (
  request: HttpServerRequest.HttpServerRequest,
  { headers, status }: HttpServerResponse.HttpServerResponse,
  write: WriteBody,
  onOpen: (response: ServerResponse, bytes: () => number) => void
): Effect.Effect<never> =>
  Effect.suspend(() => {
    const response = nodeResponseOf(request)
    if (response === undefined) return Effect.die(new Error("a stream needs a Node server"))
    if (!response.destroyed) {
      response.removeHeader("transfer-encoding")
      response.writeHead(status, { ...headers, connection: "close" })
      onOpen(response, write(response))
    }
    return Effect.interrupt
  })
