import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { ByteSize, Clock, Context, Effect, Layer, Predicate, Schema } from "effect"
import * as Runtime from "effect/Runtime"
import { HttpMiddleware, HttpRouter, HttpServer, HttpServerRequest } from "effect/http"
import type { ServeError } from "effect/http/HttpServerError"
import { createServer } from "node:http"
import { AppConfig } from "../layers/AppConfig.ts"
import { makeAdmission, makePriority } from "./Admission.ts"
import { Api, ProbesApi } from "./api/Api.ts"
import { trackConnections } from "./Connections.ts"
import { Drain, makeDrain } from "./Drain.ts"
import type { RouteMethod } from "./middleware/Allow.ts"
import { routesOf } from "./middleware/Common.ts"
import { routerConfig } from "./middleware/PathTable.ts"
import { securityHeaders } from "./middleware/SecurityHeaders.ts"
import { interposeListeners } from "./NodeHttpServerListeners.ts"
import { answerParserErrors } from "./ParserErrors.ts"
import { requestServices } from "./RequestServices.ts"
import { Probes, Routes } from "./Routes.ts"
import { makeReject } from "./Unrouted.ts"

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
  // Node would answer a request without Host with an empty body.
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

/**
 * The Node server on `TBG_HOST` and `TBG_PORT`, with its `Drain` service. Requests to the probes among `routes` are
 * always admitted.
 */
export const nodeServer = (limits: ConnectionLimits, routes: Iterable<RouteMethod> = routesOf(Api)) =>
  Layer.effectContext(
    Effect.gen(function* () {
      const { environment, http, shutdown } = yield* AppConfig
      const { host, keepAliveTimeoutMs: keepAliveTimeout, port } = http
      const clock = yield* Clock.Clock
      const { log, logAbandoned, rejectOverload } = yield* makeReject
      // The last tenth is left for layers that close after the server.
      const gracefulShutdownTimeout = shutdown.timeoutMs * 0.9
      const server = createServer({ ...serverOptions, ...limits, keepAliveTimeout })
      const connections = trackConnections(server)
      const drain = makeDrain(server, connections, gracefulShutdownTimeout)
      answerParserErrors(server, {
        connections,
        headers: securityHeaders(environment === "production"),
        now: () => clock.currentTimeMillisUnsafe(),
        log
      })
      const admission = yield* makeAdmission({
        ...http,
        hasPriority: makePriority(routes),
        reject: rejectOverload,
        onAbandoned: logAbandoned
      })
      const takeOver = interposeListeners(server, (response, start) => {
        drain.track(response)
        admission.admit({ response, start })
      })
      const { address, serve } = yield* Effect.mapError(
        NodeHttpServer.make(() => server, { host, port, gracefulShutdownTimeout }),
        cannotListen(host, port)
      )
      const served = HttpServer.make({
        address,
        serve: (app) =>
          Effect.andThen(
            Effect.updateContext(serve(app), requestServices),
            Effect.sync(() => {
              takeOver()
              admission.open()
            })
          )
      })
      return Context.empty().pipe(
        Context.add(HttpServer.HttpServer, served),
        Context.add(Drain, drain.service),
        Context.add(HttpServerRequest.MaxBodySize, ByteSize.bytes(http.maxBodyBytes)),
        // The library's span would record the query; ours are in middleware/Tracing.ts.
        Context.add(HttpMiddleware.TracerDisabledWhen, () => true)
      )
    })
  ).pipe(Layer.merge(NodeHttpServer.layerHttpServices))

/** The library's log lines are off, because the service has its own. */
export const serveOptions = { disableListenLog: true, disableLogger: true, routerConfig } as const

/** Serves `Routes`. */
export const Server = HttpRouter.serve(Routes, serveOptions).pipe(Layer.provideMerge(nodeServer(connectionLimits)))

/** Serves `Probes`. */
export const ProbeServer = HttpRouter.serve(Probes, serveOptions).pipe(
  Layer.provideMerge(nodeServer(connectionLimits, routesOf(ProbesApi)))
)
