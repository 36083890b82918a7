import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { AppConfig } from "../layers/AppConfig.ts"
import { Api } from "./api/Api.ts"
import { edge } from "./Edge.ts"
import { HealthHandlers } from "./handlers/Health.ts"
import { IdentityHandlers } from "./handlers/Me.ts"
import { PublicHandlers } from "./handlers/Public.ts"
import { V1Handlers } from "./handlers/V1.ts"
import { BearerIdentityLayer } from "./middleware/BearerIdentity.ts"
import { LimitedLayer, Limits } from "./middleware/Limits.ts"
import { asRoute, MatchedLayer } from "./middleware/Matched.ts"
import { BodyLimit, PayloadLayer } from "./middleware/Payload.ts"
import { openApiDocument } from "./OpenApiDocument.ts"
import type { Surface } from "./OpenApiDocument.ts"

const ApiRoutes = HttpApiBuilder.layer(Api).pipe(
  Layer.provide([HealthHandlers, PublicHandlers, IdentityHandlers, V1Handlers]),
  Layer.provide([BearerIdentityLayer, LimitedLayer, MatchedLayer, PayloadLayer, BodyLimit])
)

const documents: ReadonlyArray<{ readonly path: `/${string}`; readonly surface: Surface }> = [
  { path: "/openapi.json", surface: "all" },
  { path: "/v1/openapi.json", surface: "v1" }
]

/** The documents are made on the first request for one: that costs a start some 20 ms, and most never need it. */
const DocsRoutes = Layer.unwrap(
  Effect.gen(function* () {
    const { appVersion, docs, projectName } = yield* AppConfig
    const { admit } = yield* Limits
    const options = { title: projectName, version: appVersion }
    return HttpRouter.use((router) =>
      Effect.forEach(docs.enabled ? documents : [], ({ path, surface }) =>
        Effect.gen(function* () {
          const document = yield* Effect.cached(
            Effect.sync(() => HttpServerResponse.jsonUnsafe(openApiDocument(surface, options)))
          )
          yield* router.add("GET", path, asRoute(path)(Effect.orDie(admit("ip")(document))))
        })
      )
    )
  })
)

/** The table of what is served, for `Allow`. */
const Edge = Layer.unwrap(
  Effect.map(AppConfig, ({ docs }) =>
    edge([
      ...Object.values(Api.groups).flatMap((group) => Object.values(group.endpoints)),
      ...(docs.enabled ? documents.map(({ path }) => ({ method: "GET", path })) : [])
    ])
  )
)

/** Contract, handlers and the edge as one layer of routes: what the server serves and what HTTP tests serve. */
export const Routes = Layer.mergeAll(ApiRoutes, DocsRoutes, Edge).pipe(Layer.provide(Limits.layer))
