// Lower bound for this service: two routes of the contract on the same HTTP server, without the edge.
import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { HttpRouter } from "effect/http"
import { HttpApi, HttpApiBuilder, HttpApiGroup } from "effect/http-api"
import { createServer } from "node:http"
import { HealthApi } from "../../src/http/api/Health.ts"
import { LimitByAddress } from "../../src/http/api/Authorization.ts"
import { version } from "./version.ts"

const { health, version: about } = HealthApi.endpoints
class BareApi extends HttpApi.make("bare").add(HttpApiGroup.make("Bare").add(health, about)) {}

const Handlers = HttpApiBuilder.group(BareApi, "Bare", (handlers) =>
  handlers.handleAll({
    health: () => Effect.succeed({ status: "healthy" as const }),
    version: () => Effect.sync(version)
  })
)

const Unlimited = Layer.succeed(LimitByAddress, (handler) => handler)

const Server = HttpRouter.serve(HttpApiBuilder.layer(BareApi).pipe(Layer.provide(Handlers), Layer.provide(Unlimited)), {
  disableListenLog: true,
  disableLogger: true
}).pipe(Layer.provide(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: Number(process.env["TBG_PORT"]) })))

NodeRuntime.runMain(Layer.launch(Server))
