import { toServerResponse } from "@effect/platform-node/NodeHttpServerRequest"
import type { HttpServerRequest, HttpServerResponse } from "effect/http"
import { IncomingMessage, ServerResponse } from "node:http"

/**
 * Sends a response over the head of the fiber that has the request, whose own is dropped when it comes. Only where
 * there is a connection that waits for one; `make` is not called else.
 */
export const sendOver = (
  request: HttpServerRequest.HttpServerRequest,
  make: () => HttpServerResponse.HttpServerResponse
): void => {
  if (!(request.source instanceof IncomingMessage)) return
  const connection = toServerResponse(request)
  if (!(connection instanceof ServerResponse) || connection.headersSent || connection.destroyed) return
  const { body, headers, status } = make()
  connection.writeHead(status, headers).end(body._tag === "Uint8Array" ? body.body : undefined)
}
