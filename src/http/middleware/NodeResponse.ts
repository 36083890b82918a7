import { toServerResponse } from "@effect/platform-node/NodeHttpServerRequest"
import type { HttpServerRequest, HttpServerResponse } from "effect/http"
import { IncomingMessage, ServerResponse } from "node:http"

type Request = HttpServerRequest.HttpServerRequest

/** Node's response to a request; undefined without a Node server. */
export const nodeResponseOf = (request: Request): ServerResponse | undefined => {
  if (!(request.source instanceof IncomingMessage)) return undefined
  const response = toServerResponse(request)
  return response instanceof ServerResponse ? response : undefined
}

/** Whether nothing more of the request will arrive. Always true without a Node server. */
export const isComplete = ({ source }: Request): boolean =>
  !(source instanceof IncomingMessage) || source.complete || source.destroyed

/** Response that was already sent because the parser rejected the body. */
export const parserResponse = (request: Request): { readonly id: string; readonly status: number } | undefined => {
  const response = nodeResponseOf(request)
  if (response === undefined || !response.headersSent) return undefined
  return { id: String(response.getHeader("x-request-id")), status: response.statusCode }
}

/**
 * Sends a response while the fiber that handles the request still runs; the fiber's own response is dropped. Does
 * nothing if a response was sent or the connection is lost.
 */
export const sendDirectly = (request: Request, make: () => HttpServerResponse.HttpServerResponse): void => {
  const response = nodeResponseOf(request)
  if (response === undefined || response.headersSent || response.destroyed) return
  const { body, headers, status } = make()
  response.writeHead(status, headers).end(body._tag === "Uint8Array" ? body.body : undefined)
}

/** Body length in bytes; undefined for a stream. */
export const bytesOf = ({ body }: HttpServerResponse.HttpServerResponse): number | undefined => {
  if (body._tag === "Empty") return 0
  return body._tag === "Uint8Array" ? body.contentLength : undefined
}
