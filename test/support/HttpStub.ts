import { Effect, Queue } from "effect"
import { createServer } from "node:http"
import type { IncomingMessage, ServerResponse } from "node:http"

export type Respond = (response: ServerResponse) => void

/** Responds with this as JSON. */
export const json =
  (body: unknown, status = 200): Respond =>
  (response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
  }

/** A web server on a free port, whose response a test can change. */
export const httpStub = Effect.fnUntraced(function* (first: Respond, host = "127.0.0.1") {
  let respond = first
  const arrived = yield* Queue.unbounded<IncomingMessage>()
  const server = createServer((request, response) => {
    Queue.offerUnsafe(arrived, request)
    respond(response)
  })
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => void server.listen(0, host, () => resume(Effect.void))),
    () =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  )
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    /** Requests in order of arrival. */
    arrived,
    /** Changes the response. */
    responds: (next: Respond): void => {
      respond = next
    },
    /** Stops the server before its scope closes. */
    end: Effect.callback<void>((resume) => {
      server.close(() => resume(Effect.void))
      server.closeAllConnections()
    })
  }
})
