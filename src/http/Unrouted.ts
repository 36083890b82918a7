import { Effect } from "effect"
import { Headers } from "effect/http"
import type { IncomingMessage, ServerResponse } from "node:http"
import { AppConfig } from "../layers/AppConfig.ts"
import { arrivalTime } from "./Admission.ts"
import { unmatched } from "./api/RequestContext.ts"
import { failures } from "./ErrorCodes.ts"
import { makeAccessLog } from "./middleware/AccessLog.ts"
import { makeClientAddress } from "./middleware/ClientAddress.ts"
import { makeCors } from "./middleware/Cors.ts"
import { contentTypeOf, errorBody } from "./middleware/ErrorResponse.ts"
import { makeRecordDuration } from "./middleware/RequestDuration.ts"
import { dialectOf } from "./middleware/Negotiation.ts"
import { pathOf, pathOfTarget } from "./middleware/PathTable.ts"
import { requestIdOf, retryAfter } from "./middleware/ResponseHeaders.ts"
import { securityHeaders } from "./middleware/SecurityHeaders.ts"

/** A response to a request that never reaches the router. */
export interface UnroutedResponse {
  readonly requestId: string
  readonly status: number
  readonly bytes: number
  readonly peer: string | undefined
  /** Undefined if the parser could not read the request head. */
  readonly request: IncomingMessage | undefined
}

/** Logs and counts responses that never reach the router. */
export const makeLogUnrouted = Effect.gen(function* () {
  const { http } = yield* AppConfig
  const accessLog = yield* makeAccessLog
  const recordDuration = yield* makeRecordDuration
  const clientAddress = makeClientAddress(http)
  return ({ bytes, peer, request, requestId, status }: UnroutedResponse): void => {
    const headers = Headers.fromInput(request?.headers)
    const method = request?.method ?? ""
    const durationMs = request === undefined ? 0 : performance.now() - arrivalTime(request)
    recordDuration(method, unmatched.route, status, durationMs)
    if (!accessLog.isOn(unmatched, status)) return
    accessLog.write({
      request: {
        method,
        path: pathOf(pathOfTarget(request?.url ?? "")),
        clientAddress: clientAddress(peer, headers)
      },
      id: requestId,
      report: unmatched,
      status,
      durationMs,
      bytes,
      userAgent: headers["user-agent"],
      traceId: undefined
    })
  }
})

/** Longest body, in bytes, that is read to keep the connection of a rejected request open. */
const maxDiscardedBytes = 65_536

const hasLongBody = ({ headers }: IncomingMessage): boolean =>
  headers.expect !== undefined ||
  headers["transfer-encoding"] !== undefined ||
  Number(headers["content-length"] ?? 0) > maxDiscardedBytes

/** Responds to requests that never reach the router, without a fiber. */
export const makeReject = Effect.gen(function* () {
  const { environment, http } = yield* AppConfig
  const cors = makeCors(http.corsOrigins)
  const security = securityHeaders(environment === "production")
  const log = yield* makeLogUnrouted
  /** Sends a 503 in the error shape of the requested path. */
  const rejectOverload = (response: ServerResponse): void => {
    // The parser may have rejected the request while it was queued.
    if (response.headersSent) return
    const { req: request } = response
    if (hasLongBody(request)) response.setHeader("Connection", "close")
    const { accept, origin, "x-request-id": givenId } = request.headers
    const { status } = failures.OVERLOADED
    const target = pathOfTarget(request.url ?? "")
    const requestId = requestIdOf(typeof givenId === "string" ? givenId : undefined)
    const shape = dialectOf(accept, target)
    const body = JSON.stringify(errorBody(shape, { code: "OVERLOADED" }, { id: requestId, path: pathOf(target) }))
    const bytes = Buffer.byteLength(body)
    response.writeHead(status, {
      ...security,
      ...cors.headers(origin),
      "retry-after": retryAfter,
      vary: "Origin",
      "x-request-id": requestId,
      "content-type": contentTypeOf(shape),
      "content-length": bytes
    })
    response.end(body)
    log({ request, requestId, status, bytes, peer: request.socket.remoteAddress })
  }
  /** Logs a queued request whose caller disconnected, or that the parser rejected. */
  const logAbandoned = (response: ServerResponse): void => {
    const { headersSent, req: request, statusCode } = response
    const givenId = response.getHeader("x-request-id") ?? request.headers["x-request-id"]
    const requestId = requestIdOf(typeof givenId === "string" ? givenId : undefined)
    log({ request, requestId, status: headersSent ? statusCode : 499, bytes: 0, peer: request.socket.remoteAddress })
  }
  return { log, logAbandoned, rejectOverload }
})
