import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Clock, Context, Effect, Layer, Logger, Predicate, References, Schema, Scope, Tracer } from "effect"
import * as Runtime from "effect/Runtime"
import { Headers, HttpMiddleware, HttpRouter, HttpServer } from "effect/http"
import type { ServeError } from "effect/http/HttpServerError"
import { AppConfig } from "../layers/AppConfig.ts"
import { Drain, makeDrain, makeDrainableServer } from "./Drain.ts"
import { Gate, makeGate } from "./Gate.ts"
import { makeAccessLog } from "./middleware/AccessLog.ts"
import { makeClientAddress } from "./middleware/ClientAddress.ts"
import { makeNoteDuration } from "./middleware/Metrics.ts"
import type { NoteDuration } from "./middleware/Metrics.ts"
import { routerConfig } from "./middleware/PathTable.ts"
import { securityHeaders } from "./middleware/SecurityHeaders.ts"
import { withoutLibrarySpan } from "./middleware/Tracing.ts"
import { answerParserErrors } from "./ParserErrors.ts"
import type { ParserAnswer } from "./ParserErrors.ts"
import { Routes } from "./Routes.ts"

/** The port could not be listened on: it is in use, or not ours to take. */
export class CannotListen extends Schema.TaggedError<CannotListen>()("CannotListen", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = 71
}

/** Connection timeouts in milliseconds, so that slow senders do not hold connections. */
export const connectionLimits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1_000
}
export type ConnectionLimits = typeof connectionLimits

const serverOptions = {
  // The edge answers a request without Host, with a body.
  requireHostHeader: false,
  // No upgrade is supported, so a request for one is handled like any other.
  shouldUpgradeCallback: () => false
}

const cannotListen =
  (host: string, port: number) =>
  ({ cause }: ServeError): CannotListen => {
    const code = Predicate.hasProperty(cause, "code") ? String(cause.code) : "unknown"
    const reason = code === "EADDRINUSE" ? "is in use" : "cannot be listened on"
    const wayOut = code === "EADDRINUSE" ? "stop what listens there, or set TBG_PORT" : "set TBG_HOST or TBG_PORT"
    return new CannotListen({ message: `port ${port} of ${host} ${reason} (${code}); ${wayOut}` })
  }

/** Logs and counts responses sent before a request reached the edge. */
const logParserAnswer =
  (
    accessLog: Effect.Success<typeof makeAccessLog>,
    noteDuration: NoteDuration,
    clientAddress: ReturnType<typeof makeClientAddress>
  ) =>
  ({ bytes, peer, request, requestId, status }: ParserAnswer): void => {
    const headers = Headers.fromInput(request?.headers)
    const info = {
      id: requestId,
      method: request?.method ?? "",
      route: "unmatched",
      isProbe: false,
      clientAddress: clientAddress(peer, headers)
    }
    noteDuration(info.method, info.route, status, 0)
    if (!accessLog.isOn(info, status)) return
    accessLog.write({ info, status, durationMs: 0, bytes, userAgent: headers["user-agent"], traceId: undefined })
  }

/** What the runtime reads from the context of a request; all else would be copied for each of them. */
const picked = Context.pick(
  Scope.Scope,
  Logger.CurrentLoggers,
  References.MinimumLogLevel,
  References.TracerEnabled,
  Tracer.Tracer,
  Clock.Clock
)
const runtimeOf = (inScope: Context.Context<Scope.Scope>) =>
  Context.add(picked(inScope), HttpMiddleware.TracerDisabledWhen, withoutLibrarySpan)

/** The Node server on `TBG_HOST` and `TBG_PORT`, and how to empty it. */
export const nodeServer = (limits: ConnectionLimits) =>
  Layer.effectContext(
    Effect.gen(function* () {
      const { environment, http, shutdown } = yield* AppConfig
      const { host, port } = http
      const clock = yield* Clock.Clock
      const answers = {
        now: () => clock.currentTimeMillisUnsafe(),
        headers: securityHeaders(environment === "production"),
        onAnswer: logParserAnswer(yield* makeAccessLog, yield* makeNoteDuration, makeClientAddress(http))
      }
      // The last tenth is left for layers that close after the server.
      const gracefulShutdownTimeout = shutdown.timeoutMs * 0.9
      const options = { host, port, gracefulShutdownTimeout }
      const gate = yield* makeGate(http)
      const keepAliveTimeout = http.keepAliveTimeoutMs
      const drainable = makeDrainableServer({ ...serverOptions, ...limits, keepAliveTimeout }, (place) => {
        noteArrival(place.request, place.response)
        gate.arrive(place)
      })
      const noteArrival = answerParserErrors(drainable.server, answers)
      const { address, serve } = yield* Effect.mapError(
        NodeHttpServer.make(() => drainable.server, options),
        cannotListen(host, port)
      )
      const server = HttpServer.make({
        address,
        serve: (app) => Effect.updateContext(serve(app), runtimeOf)
      })
      const drain = makeDrain(drainable, gracefulShutdownTimeout, gate.answerAll)
      return Context.make(HttpServer.HttpServer, server).pipe(
        Context.add(Drain, { ...drain, begin: Effect.andThen(drain.begin, Effect.sync(gate.service.hurry)) }),
        Context.add(Gate, gate.service)
      )
    })
  ).pipe(Layer.merge(NodeHttpServer.layerHttpServices))

/** Our own lines say where it listens and what was asked, so the library's are off. */
export const serveOptions = { disableListenLog: true, disableLogger: true, routerConfig } as const

/** Serves `Routes`. */
export const Server = HttpRouter.serve(Routes, serveOptions).pipe(Layer.provideMerge(nodeServer(connectionLimits)))
