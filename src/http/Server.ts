import { NodeHttpServer } from "@effect/platform-node"
import { Effect, Layer, Predicate, Schema } from "effect"
import * as Runtime from "effect/Runtime"
import { HttpRouter, HttpServer } from "effect/http"
import type { ServeError } from "effect/http/HttpServerError"
import { createServer } from "node:http"
import { AppConfig } from "../layers/AppConfig.ts"
import { routerConfig } from "./middleware/Allow.ts"
import { makeCors } from "./middleware/Cors.ts"
import { securityHeaders } from "./middleware/SecurityHeaders.ts"
import { answerParserErrors } from "./ParserErrors.ts"
import type { ParserErrorOptions } from "./ParserErrors.ts"
import { Routes } from "./Routes.ts"

/** The port could not be listened on: it is in use, or not ours to take. */
export class CannotListen extends Schema.TaggedError<CannotListen>()("CannotListen", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = 71
}

/**
 * The limits of a connection, in milliseconds; they end one that sends its bytes one by one. `keepAliveTimeout` is longer
 * than the 60 s that load balancers keep theirs, so that it is they who close, and no request is lost on the way.
 */
const connectionLimits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 65_000,
  // The edge answers a request without Host, with a body.
  requireHostHeader: false
}

const makeServer = (answers: ParserErrorOptions) => {
  const server = createServer(connectionLimits)
  answerParserErrors(server, answers)
  return server
}

const cannotListen =
  (host: string, port: number) =>
  ({ cause }: ServeError): CannotListen => {
    const code = Predicate.hasProperty(cause, "code") ? String(cause.code) : "unknown"
    const reason = code === "EADDRINUSE" ? "is in use" : "cannot be listened on"
    return new CannotListen({ message: `port ${port} of ${host} ${reason} (${code})` })
  }

/** The Node server on `TBG_HOST` and `TBG_PORT`. At its end it stops accepting and waits for requests in flight. */
const NodeServer = Layer.effect(
  HttpServer.HttpServer,
  Effect.gen(function* () {
    const { environment, http, shutdown } = yield* AppConfig
    const { host, port } = http
    const answers = { headers: securityHeaders(environment === "production"), cors: makeCors(http.corsOrigins) }
    const options = { host, port, gracefulShutdownTimeout: shutdown.timeoutMs }
    return yield* Effect.mapError(
      NodeHttpServer.make(() => makeServer(answers), options),
      cannotListen(host, port)
    )
  })
).pipe(Layer.merge(NodeHttpServer.layerHttpServices))

/** Serves `Routes`. Our own lines say where it listens and what was asked, so the library's are off. */
export const Server = HttpRouter.serve(Routes, { disableListenLog: true, disableLogger: true, routerConfig }).pipe(
  Layer.provideMerge(NodeServer)
)
