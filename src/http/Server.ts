import { NodeHttpServer } from "@effect/platform-node"
import { Effect, Layer, Predicate, Schema } from "effect"
import * as Runtime from "effect/Runtime"
import { HttpRouter, HttpServer } from "effect/http"
import type { ServeError } from "effect/http/HttpServerError"
import { createServer } from "node:http"
import { AppConfig } from "../layers/AppConfig.ts"
import { Routes } from "./Routes.ts"

/** The port could not be listened on: it is in use, or not ours to take. */
export class CannotListen extends Schema.TaggedError<CannotListen>()("CannotListen", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = 71
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
    const { http, shutdown } = yield* AppConfig
    const { host, port } = http
    // What is left of the time when the server stops accepting; the last tenth is for what closes after it.
    const gracefulShutdownTimeout = Math.max(0, shutdown.timeoutMs - shutdown.delayMs) * 0.9
    const options = { host, port, gracefulShutdownTimeout }
    return yield* Effect.mapError(
      NodeHttpServer.make(() => createServer(), options),
      cannotListen(host, port)
    )
  })
).pipe(Layer.merge(NodeHttpServer.layerHttpServices))

/** Serves `Routes`. Our own lines say where it listens and what was asked, so the library's are off. */
export const Server = HttpRouter.serve(Routes, { disableListenLog: true, disableLogger: true }).pipe(
  Layer.provideMerge(NodeServer)
)
