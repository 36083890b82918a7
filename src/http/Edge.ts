import { Cause, Effect, MutableRef, Option } from "effect"
import type { Types } from "effect"
import { HttpEffect, HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { AppConfig } from "../layers/AppConfig.ts"
import { arrivalTime } from "./Admission.ts"
import { AdmissionSlots } from "./AdmissionSlots.ts"
import { RequestContext, unmatched } from "./api/RequestContext.ts"
import type { RequestFacts } from "./api/RequestContext.ts"
import { Drain } from "./Drain.ts"
import { MethodNotAllowed, NotFound, ServiceUnavailable } from "./Errors.ts"
import type { PublicError } from "./Errors.ts"
import { makeAccessLog } from "./middleware/AccessLog.ts"
import { makeAllow } from "./middleware/Allow.ts"
import type { RouteMethod } from "./middleware/Allow.ts"
import { makeClientAddress } from "./middleware/ClientAddress.ts"
import { isPreflight, makeCors, makeOriginWarning } from "./middleware/Cors.ts"
import { makeDeadline } from "./middleware/Deadline.ts"
import type { Timed } from "./middleware/Deadline.ts"
import { errorOfCause, isClientAbort, isRouteNotFound } from "./middleware/ErrorOfCause.ts"
import { errorResponse } from "./middleware/ErrorResponse.ts"
import { errorOfRequest } from "./middleware/MalformedRequest.ts"
import { makeRecordDuration } from "./middleware/RequestDuration.ts"
import { dialectOf } from "./middleware/Negotiation.ts"
import { bytesOf, isComplete, parserResponse, sendDirectly } from "./middleware/NodeResponse.ts"
import { isExact, pathOf } from "./middleware/PathTable.ts"
import { bodyWriterOf, sendStream } from "./middleware/RawStream.ts"
import type { WriteBody } from "./middleware/RawStream.ts"
import { RateLimits } from "./middleware/RateLimits.ts"
import { makeResponseHeaders, requestIdOf } from "./middleware/ResponseHeaders.ts"
import { securityHeaders } from "./middleware/SecurityHeaders.ts"
import { makeStatementFailureLog } from "./middleware/StatementFailureLog.ts"
import { makeTracing } from "./middleware/Tracing.ts"

type Request = HttpServerRequest.HttpServerRequest
type Response = HttpServerResponse.HttpServerResponse

/** A request being handled, with state that only the edge uses. */
interface Exchange extends Timed {
  readonly request: Request
  readonly context: RequestFacts
  /** Whether the response is final. */
  isAnswered: boolean
}

/** Writes the body of a stream; undefined for other responses. */
const streamOf = ({ method }: Request, response: Response): WriteBody | undefined =>
  method === "HEAD" ? undefined : bodyWriterOf(response)

/** Logged if the client disconnected; the status is that of nginx. */
const clientClosedRequest = HttpServerResponse.empty({ status: 499 })

/**
 * Concerns of every route, in one middleware because separate ones halve the throughput. Each concern is a file of pure
 * functions, and this file defines their order.
 *
 * For a request:
 * 1. request context and deadline;
 * 2. responses without a route: malformed requests, TRACE and preflights;
 * 3. the router, whose failures are encoded here, once.
 *
 * For its response, whether from success, failure, defect or interruption:
 * 4. headers: security, CORS, rate limit and request id, unless the route set its own;
 * 5. metrics, span and access log, which record the final response. A stream is logged when it ends, and is not in the
 *    histogram of durations.
 */
export const edge = (routes: Iterable<RouteMethod>) =>
  HttpRouter.middleware(
    Effect.gen(function* () {
      const { environment, http } = yield* AppConfig
      const { logRequest } = yield* makeAccessLog
      const allowOf = makeAllow(routes)
      const clientAddress = makeClientAddress(http)
      const cors = makeCors(http.corsOrigins)
      const withOriginWarning = makeOriginWarning(environment, http.corsOrigins)
      const withHeaders = makeResponseHeaders(securityHeaders(environment === "production"), cors)
      const { admit } = yield* RateLimits
      const recordDuration = yield* makeRecordDuration
      const { endSpan, inSpan, startSpan } = yield* makeTracing
      const drain = yield* Drain
      const slots = yield* AdmissionSlots
      const logStatementFailure = makeStatementFailureLog()

      const encode = (error: PublicError, { context, request: { headers, url } }: Exchange): Response => {
        const dialect = error.hasDefaultShape === true ? "detail" : dialectOf(headers["accept"], url)
        const { id, path } = context
        return errorResponse(dialect, error, { id, path, traceId: startSpan(context)?.traceId })
      }

      /** Unknown paths are limited too, so that clients cannot probe for paths without a limit. */
      const unrouted = Effect.fnUntraced(function* ({ context, request }: Exchange) {
        const allow = allowOf(request.url)
        if (allow === "") return yield* inSpan(context, Effect.andThen(admit("ip"), new NotFound()))
        if (context.method === "OPTIONS") return HttpServerResponse.empty({ headers: { allow } })
        return yield* new MethodNotAllowed({ allow })
      })

      const respondTo = (cause: Cause.Cause<unknown>, exchange: Exchange): Effect.Effect<Response> => {
        if (isRouteNotFound(Cause.squash(cause))) {
          return Effect.catchCause(unrouted(exchange), (cause) => respondTo(cause, exchange))
        }
        if (!exchange.isLate && isClientAbort(cause)) return Effect.succeed(clientClosedRequest)
        const { context } = exchange
        const error = errorOfCause(cause)
        const response = encode(error, exchange)
        if (error.code === "SERVICE_UNAVAILABLE")
          return Effect.as(logStatementFailure(cause, performance.now()), response)
        if (error.code !== "INTERNAL") return Effect.succeed(response)
        const { route } = MutableRef.get(context.report)
        const line = Effect.annotateLogs(Effect.logError("request failed", cause), { request_id: context.id, route })
        return Effect.as(inSpan(context, line), response)
      }

      const finish = (exchange: Exchange, response: Response): Response => {
        const { context, request } = exchange
        exchange.isAnswered = true
        const report = MutableRef.get(context.report)
        const sent = withHeaders(response, context, report)
        const durationMs = performance.now() - context.startedAt
        const { id, status } = parserResponse(request) ?? { id: context.id, status: sent.status }
        endSpan(context, status, id)
        if (streamOf(request, response) !== undefined) return sent
        recordDuration(context.method, report.route, status, durationMs)
        logRequest(context, { id, status, durationMs, bytes: bytesOf(sent), traceId: startSpan(context)?.traceId })
        return sent
      }

      const send = (exchange: Exchange, response: Response): Effect.Effect<Response> => {
        const { context, request } = exchange
        const sent = finish(exchange, response)
        const write = streamOf(request, sent)
        if (write === undefined) return Effect.succeed(sent)
        return sendStream(request, sent, write, (response, bytes) => {
          slots.release(response)
          const { id, startedAt } = context
          const outcome = { id, status: sent.status, traceId: startSpan(context)?.traceId }
          response.once("close", () =>
            logRequest(context, { ...outcome, durationMs: performance.now() - startedAt, bytes: bytes() })
          )
        })
      }
      const deadline = yield* makeDeadline<Exchange>({
        timeoutMs: http.requestTimeoutMs,
        isComplete: ({ request }) => isComplete(request),
        forceResponse: (exchange) => {
          if (exchange.isAnswered) return
          sendDirectly(exchange.request, () => finish(exchange, encode(new ServiceUnavailable(), exchange)))
        }
      })
      drain.onTimeout(deadline.forceResponses)

      const begin = (request: Request, fiber: Timed["fiber"]): Exchange => {
        const { headers, method } = request
        const context = {
          id: requestIdOf(headers["x-request-id"]),
          startedAt: arrivalTime(request.source),
          method,
          path: pathOf(request.url),
          headers,
          clientAddress: clientAddress(Option.getOrUndefined(request.remoteAddress), headers),
          report: MutableRef.make(unmatched)
        }
        const { startedAt } = context
        return { request, context, fiber, startedAt, isLate: false, isAnswered: false, index: -1 }
      }

      return (
        app: Effect.Effect<Response, Types.unhandled>
      ): Effect.Effect<Response, Types.unhandled, HttpServerRequest.HttpServerRequest> => {
        const route = (exchange: Exchange): Effect.Effect<Response, unknown> => {
          const { headers, method, url } = exchange.request
          const error = errorOfRequest(exchange.request)
          if (error !== undefined) return Effect.fail(error)
          if (isPreflight(method, headers)) {
            return Effect.succeed(HttpServerResponse.empty({ headers: cors.preflight(headers) }))
          }
          // TRACE would echo credentials.
          if (method === "TRACE" || !isExact(url)) return unrouted(exchange)
          return app
        }
        return Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
          Effect.withFiber((fiber) => {
            const exchange = begin(request, fiber)
            deadline.add(exchange)
            return withOriginWarning(request.headers, route(exchange)).pipe(
              Effect.catchCause((cause) => respondTo(cause, exchange)),
              Effect.provideService(RequestContext, exchange.context),
              HttpEffect.withPreResponseHandler((_request, response) => {
                deadline.remove(exchange)
                return exchange.isAnswered ? Effect.succeed(response) : send(exchange, response)
              })
            )
          })
        )
      }
    }),
    { global: true }
  )
