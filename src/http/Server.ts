import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { ByteSize, Clock, Context, Effect, Layer, Logger, Predicate, References, Schema, Scope, Tracer } from "effect"
import * as Runtime from "effect/Runtime"
import { HttpMiddleware, HttpRouter, HttpServer, HttpServerRequest } from "effect/http"
import type { ServeError } from "effect/http/HttpServerError"
import { createServer } from "node:http"
import { AppConfig } from "../layers/AppConfig.ts"
import { makeAdmission, makePriority } from "./Admission.ts"
import { AdmissionSlots } from "./AdmissionSlots.ts"
import { Api, ProbesApi } from "./api/Api.ts"
import { trackConnections } from "./Connections.ts"
import { Drain, makeDrain } from "./Drain.ts"
import type { RouteMethod } from "./middleware/Allow.ts"
import { routesOf } from "./middleware/Common.ts"
import { routerConfig } from "./middleware/PathTable.ts"
import { securityHeaders } from "./middleware/SecurityHeaders.ts"
import { interposeListeners } from "./NodeHttpServerListeners.ts"
import { handleParserErrors } from "./ParserErrors.ts"
import { Probes, Routes } from "./Routes.ts"
import { makeReject } from "./Unrouted.ts"

/** The port is in use or cannot be bound. */
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

/**
 * Connections that the kernel accepts before Node does. The live streams of a stopped replica reconnect within seconds, and
 * Node's 511 would let connections wait for the next attempt of the client's kernel. Linux limits it to `somaxconn`.
 */
const backlog = 4096

const serverOptions = {
  // Node would reject a request without Host with an empty body.
  requireHostHeader: false,
  // No upgrade is supported, so a request for one is handled like any other.
  shouldUpgradeCallback: () => false
}

/**
 * Services that requests inherit from the process; handlers get all others from their layers. Effect copies the
 * inherited services whenever it provides one to a request. Copying all 40 services of the process takes 15 % of the
 * CPU time of /health and /version.
 */
const requestServices = Context.pick(
  Scope.Scope,
  Logger.CurrentLoggers,
  References.MinimumLogLevel,
  References.TracerEnabled,
  Tracer.Tracer,
  Clock.Clock,
  HttpServerRequest.MaxBodySize,
  HttpMiddleware.TracerDisabledWhen
)

const cannotListen =
  (host: string, port: number) =>
  ({ cause }: ServeError): CannotListen => {
    const code = Predicate.hasProperty(cause, "code") ? String(cause.code) : "unknown"
    const [reason, fix] =
      code === "EADDRINUSE"
        ? ["is in use", "stop the program that uses it, or set TBG_PORT"]
        : ["cannot be bound", "set TBG_HOST or TBG_PORT"]
    return new CannotListen({ message: `port ${port} on ${host} ${reason} (${code}); ${fix}` })
  }

/** Node server on `TBG_HOST` and `TBG_PORT`, with its `Drain` service. It always admits requests to probes. */
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
      handleParserErrors(server, {
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
        NodeHttpServer.make(() => server, { host, port, backlog, gracefulShutdownTimeout }),
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
        Context.add(AdmissionSlots, admission.slots),
        Context.add(HttpServerRequest.MaxBodySize, ByteSize.bytes(http.maxBodyBytes)),
        // The library's spans would record the query; middleware/Tracing.ts makes the spans of this service.
        Context.add(HttpMiddleware.TracerDisabledWhen, () => true)
      )
    })
  ).pipe(Layer.merge(NodeHttpServer.layerHttpServices))

/** Turns off the library's log lines, because the service writes its own. */
export const serveOptions = { disableListenLog: true, disableLogger: true, routerConfig } as const

export const Server = HttpRouter.serve(Routes, serveOptions).pipe(Layer.provideMerge(nodeServer(connectionLimits)))

/** Serves `Probes`. */
export const ProbeServer = HttpRouter.serve(Probes, serveOptions).pipe(
  Layer.provideMerge(nodeServer(connectionLimits, routesOf(ProbesApi)))
)
