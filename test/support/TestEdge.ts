import { Context, Effect, Layer, Tracer } from "effect"
import type { Scope } from "effect"
import { HttpRouter, HttpServer } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import type { Drain } from "../../src/http/Drain.ts"
import { edge } from "../../src/http/Edge.ts"
import { CommonLayer, routesOf } from "../../src/http/middleware/Common.ts"
import { PayloadLayer } from "../../src/http/middleware/Payload.ts"
import { RateLimits } from "../../src/http/middleware/RateLimits.ts"
import { Routes } from "../../src/http/Routes.ts"
import { connectionLimits, nodeServer, serveOptions } from "../../src/http/Server.ts"
import type { ConnectionLimits } from "../../src/http/Server.ts"
import { AppConfig } from "../../src/layers/AppConfig.ts"
import type { ConfigInvalid } from "../../src/layers/AppConfig.ts"
import type { LogWriter } from "../../src/layers/LogWriter.ts"
import { FaultyApi, FaultyHandlers } from "./FaultyApi.ts"
import { testServices } from "./TestRoutes.ts"
import type { TestRoutesOptions } from "./TestRoutes.ts"
import { capturedLines, capturedLogger } from "./MockLayers.ts"

/** `issuer`, `streams` and `teams` are for the real routes. */
export interface TestServerOptions extends Pick<TestRoutesOptions, "issuer" | "streams" | "teams" | "variables"> {
  readonly limits?: Partial<ConnectionLimits>
  /** Traces requests without exporting spans. */
  readonly tracing?: boolean
}

export interface TestServer {
  readonly port: number
  /** `http://127.0.0.1:port` */
  readonly url: string
  /** Log lines so far, as JSON. */
  readonly lines: ReadonlyArray<string>
  /** Spans so far. */
  readonly spans: ReadonlyArray<Tracer.NativeSpan>
}

const FaultyRoutes = Layer.merge(
  HttpApiBuilder.layer(FaultyApi).pipe(Layer.provide(FaultyHandlers), Layer.provide([CommonLayer, PayloadLayer])),
  edge(routesOf(FaultyApi))
)

const faultyOn = (limits: ConnectionLimits) =>
  HttpRouter.serve(FaultyRoutes, serveOptions).pipe(Layer.provideMerge(nodeServer(limits, routesOf(FaultyApi))))

const realOn = (limits: ConnectionLimits, options: TestServerOptions) =>
  HttpRouter.serve(Routes.pipe(Layer.provide(testServices(options))), serveOptions).pipe(
    Layer.provideMerge(nodeServer(limits))
  )

/** Tests of the edge send more requests than one caller may. */
const unlimited = {
  TBG_ENVIRONMENT: "test",
  TBG_HOST: "127.0.0.1",
  TBG_PORT: "0",
  TBG_RATE_LIMIT_MODE: "off"
}

/** Listens on a free port with the program's Node server until the scope closes. */
export const listening = <E>(
  served: (
    limits: ConnectionLimits,
    options: TestServerOptions
  ) => Layer.Layer<HttpServer.HttpServer, E, AppConfig | RateLimits | LogWriter>
) =>
  Effect.fnUntraced(function* (
    options: TestServerOptions = {}
  ): Effect.fn.Return<TestServer, E | ConfigInvalid, Scope.Scope> {
    const { limits, tracing = false, variables } = options
    const lines: Array<string> = []
    const spans: Array<Tracer.NativeSpan> = []
    const tracer = Tracer.make({
      span: (options) => {
        const span = new Tracer.NativeSpan(options)
        spans.push(span)
        return span
      }
    })
    const write = (line: string) => void lines.push(line)
    const server = served({ ...connectionLimits, ...limits }, options).pipe(
      Layer.provide(RateLimits.layer),
      Layer.provide(testServices({})),
      Layer.provide(AppConfig.layerFrom({ ...unlimited, ...variables })),
      Layer.provide([capturedLines(write), capturedLogger(write)]),
      Layer.provide(tracing ? Layer.succeed(Tracer.Tracer, tracer) : Layer.empty)
    )
    const { address } = Context.get(yield* Layer.build(server), HttpServer.HttpServer)
    const port = "port" in address ? address.port : 0
    return { port, url: `http://127.0.0.1:${port}`, lines, spans }
  })

/** The API that fails in every way. */
export const faultyServer = listening(faultyOn)

/** A test's routes behind the edge. */
export const routesServer = <E>(routes: Layer.Layer<never, E, HttpRouter.HttpRouter | Drain | AppConfig | LogWriter>) =>
  listening((limits) =>
    HttpRouter.serve(Layer.merge(routes, edge([])), serveOptions).pipe(Layer.provideMerge(nodeServer(limits)))
  )

/** The real routes over dependencies that respond. */
export const realServer = listening(realOn)

/** One server of the faulty API for all tests of a file. */
export class FaultyServer extends Context.Service<FaultyServer, TestServer>()("tbg-api/test/support/FaultyServer") {
  static readonly layer = (options: TestServerOptions = {}) => Layer.effect(FaultyServer, faultyServer(options))
}
