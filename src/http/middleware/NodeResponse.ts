import { toServerResponse } from "@effect/platform-node/NodeHttpServerRequest"
import type { HttpServerRequest, HttpServerResponse } from "effect/http"
import { IncomingMessage, ServerResponse } from "node:http"

type Request = HttpServerRequest.HttpServerRequest

/** Node's response to a request; undefined without a Node server. */
const nodeResponseOf = (request: Request): ServerResponse | undefined => {
  if (!(request.source instanceof IncomingMessage)) return undefined
  const response = toServerResponse(request)
  return response instanceof ServerResponse ? response : undefined
}

/** Whether no more of the request will arrive: it is complete, or its connection is lost. Always true without Node. */
export const isWhole = ({ source }: Request): boolean =>
  !(source instanceof IncomingMessage) || source.complete || source.destroyed

/** Response that the parser already sent because it rejected the body. */
export const parserResponse = (request: Request): { readonly id: string; readonly status: number } | undefined => {
  const response = nodeResponseOf(request)
  if (response === undefined || !response.headersSent) return undefined
  return { id: String(response.getHeader("x-request-id")), status: response.statusCode }
}

/**
 * Sends a response without the fiber that handles the request; the fiber's own response is dropped later. Does nothing
 * if no response is awaited.
 */
export const sendDirectly = (request: Request, make: () => HttpServerResponse.HttpServerResponse): void => {
  const response = nodeResponseOf(request)
  if (response === undefined || response.headersSent || response.destroyed) return
  const { body, headers, status } = make()
  response.writeHead(status, headers).end(body._tag === "Uint8Array" ? body.body : undefined)
}
