import { ByteSize, Cause, Context, Effect } from "effect"
import type { Types } from "effect"
import { HttpEffect, HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { ClientAbort, isHttpServerError } from "effect/http/HttpServerError"
import { AppConfig } from "../layers/AppConfig.ts"
import { Drain } from "./Drain.ts"
import { BadRequest, MethodNotAllowed, NotFound, ServiceUnavailable } from "./Errors.ts"
import type { PublicError, RateLimited } from "./Errors.ts"
import { makeAccessLog } from "./middleware/AccessLog.ts"
import { makeAllow } from "./middleware/Allow.ts"
import type { RouteMethod } from "./middleware/Allow.ts"
import { makeClientAddress } from "./middleware/ClientAddress.ts"
import { isPreflight, makeCors } from "./middleware/Cors.ts"
import { makeDeadline } from "./middleware/Deadline.ts"
import { errorOfCause } from "./middleware/ErrorOfCause.ts"
import { errorResponse } from "./middleware/ErrorResponse.ts"
import { Limits } from "./middleware/Limits.ts"
import { makeNoteDuration } from "./middleware/Metrics.ts"
import { makeOutage } from "./middleware/Outage.ts"
import { dialectOf } from "./middleware/Negotiation.ts"
import { isExact } from "./middleware/PathTable.ts"
import { isMalformedHost, isMalformedTarget, isServed } from "./middleware/Refusal.ts"
import { CurrentRequest, RequestInfo } from "./middleware/RequestInfo.ts"
import { makeResponseHeaders } from "./middleware/ResponseHeaders.ts"
import { sendOver } from "./middleware/SendOver.ts"
import { securityHeaders } from "./middleware/SecurityHeaders.ts"
import { endSpan, inSpan, traceIdOf } from "./middleware/Tracing.ts"

/** Length of a body; undefined for a stream. */
const bytesOf = ({ body }: Response): number | undefined => {
  if (body._tag === "Empty") return 0
  return body._tag === "Uint8Array" ? body.contentLength : undefined
}

type Request = HttpServerRequest.HttpServerRequest
type Response = HttpServerResponse.HttpServerResponse

/** Nobody reads this; the status is for the log, as nginx has it. */
const clientClosed = HttpServerResponse.empty({ status: 499 })
const clientClosedRequest = Effect.succeed(clientClosed)

const isClientAbort = (cause: Cause.Cause<unknown>): boolean =>
  Cause.hasInterruptsOnly(cause) && cause.reasons.some(({ annotations }) => annotations.has(ClientAbort.key))

const isRouteNotFound = (error: unknown): boolean => isHttpServerError(error) && error.reason._tag === "RouteNotFound"

/**
 * Everything that holds for every response, in one middleware: five of them one after the other were measured at half
 * of the throughput. Each concern is a file of pure functions; this is the one place that says in which order they run.
 *
 * On the way in:
 * 1. request id and start, so that whatever follows can be told apart and timed;
 * 2. responses that need no route: a malformed target and TRACE are rejected, and a preflight is answered;
 * 3. the deadline, which covers routing, limits, handlers and encoding, and the wait for admission (Admission.ts);
 * 4. the router, but for a target that it would take for another, and round an endpoint its limit; what comes back as a
 *    failure is mapped once.
 *
 * On the way out, for the final response of success, failure, defect and interruption alike:
 * 5. headers: security, CORS and request id, under what the route said itself;
 * 6. metrics, the span and the access log, last, because they record the final response.
 */
export const edge = (routes: Iterable<RouteMethod>) =>
  HttpRouter.middleware(
    Effect.gen(function* () {
      const { environment, http } = yield* AppConfig
      const accessLog = yield* makeAccessLog
      const allowOf = makeAllow(routes)
      const clientAddress = makeClientAddress(http)
      const cors = makeCors(http.corsOrigins)
      const withHeaders = makeResponseHeaders(securityHeaders(environment === "production"), cors)
      const { admit } = yield* Limits
      const noteDuration = yield* makeNoteDuration
      const drain = yield* Drain
      const outage = makeOutage()
      const maxBodySize = ByteSize.bytes(http.maxBodyBytes)

      const refuse = (error: PublicError, request: Request, info: RequestInfo): Response =>
        errorResponse(dialectOf(request.headers["accept"], info.target), error, {
          id: info.id,
          path: info.path,
          traceId: traceIdOf(info)
        })

      /** A path without a route is limited like one that has one, or they could be tried out without end. */
      const unrouted = Effect.withFiber<Response, NotFound | MethodNotAllowed | RateLimited>(({ context }) => {
        const info = Context.getUnsafe(context, CurrentRequest)
        const allow = allowOf(info.target)
        if (allow === "") return inSpan(info, admit("ip")(Effect.fail(new NotFound())))
        if (info.method === "OPTIONS") return Effect.succeed(HttpServerResponse.empty({ headers: { allow } }))
        return Effect.fail(new MethodNotAllowed({ allow }))
      })

      const respondTo = (cause: Cause.Cause<unknown>) =>
        Effect.withFiber<Response>((fiber) => {
          const request = Context.getUnsafe(fiber.context, HttpServerRequest.HttpServerRequest)
          const info = Context.getUnsafe(fiber.context, CurrentRequest)
          if (!info.isLate && isClientAbort(cause)) return clientClosedRequest
          const error = errorOfCause(cause)
          const response = refuse(error, request, info)
          if (error.code === "SERVICE_UNAVAILABLE") return Effect.as(outage(cause, performance.now()), response)
          if (error.code !== "INTERNAL") return Effect.succeed(response)
          return Effect.as(
            inSpan(
              info,
              Effect.annotateLogs(Effect.logError("the request failed", cause), {
                request_id: info.id,
                route: info.route
              })
            ),
            response
          )
        })

      const answer = (info: RequestInfo, request: Request, response: Response): Response => {
        info.isAnswered = true
        const sent = withHeaders(response, info)
        const durationMs = performance.now() - info.startedAt
        const { requestId, status } = info.parserAnswer ?? { requestId: info.id, status: sent.status }
        info.id = requestId
        endSpan(info, request, status)
        noteDuration(info.method, info.route, status, durationMs)
        if (accessLog.isOn(info, status)) {
          accessLog.write({
            info,
            status,
            durationMs,
            bytes: bytesOf(sent),
            userAgent: request.headers["user-agent"],
            traceId: info.span?.traceId
          })
        }
        return sent
      }
      const giveUp = (info: RequestInfo): void => {
        const { request } = info
        if (info.isAnswered) return
        sendOver(request, () => answer(info, request, refuse(new ServiceUnavailable(), request, info)))
      }
      const running = yield* makeDeadline(http.requestTimeoutMs, giveUp)
      drain.onTimeout(running.giveUpAll)
      const finish = (info: RequestInfo) => (request: Request, response: Response) => {
        running.remove(info)
        return Effect.succeed(info.isAnswered ? response : answer(info, request, response))
      }

      return (
        app: Effect.Effect<Response, Types.unhandled>
      ): Effect.Effect<Response, Types.unhandled, HttpServerRequest.HttpServerRequest> => {
        const mapped = Effect.catchCause(
          Effect.catchIf(app, isRouteNotFound, () => unrouted),
          respondTo
        )
        const missed = Effect.catchCause(unrouted, respondTo)
        return Effect.withFiber((fiber) => {
          const request = Context.getUnsafe(fiber.context, HttpServerRequest.HttpServerRequest)
          const info = new RequestInfo(request, fiber, clientAddress)
          HttpEffect.appendPreResponseHandlerUnsafe(fiber.context, finish(info))
          // As the router does it: who handles the request puts the old context back.
          fiber.setContext(
            Context.add(Context.add(fiber.context, CurrentRequest, info), HttpServerRequest.MaxBodySize, maxBodySize)
          )
          if (isMalformedHost(request) || isMalformedTarget(info.method, info.target)) {
            return Effect.succeed(refuse(new BadRequest(), request, info))
          }
          if (!isServed(info.method)) return missed
          if (isPreflight(info.method, request.headers)) {
            return Effect.succeed(HttpServerResponse.empty({ headers: cors.preflight(request.headers) }))
          }
          running.add(info)
          return isExact(info.target) ? mapped : missed
        })
      }
    }),
    { global: true }
  )
