import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { AppConfig } from "../layers/AppConfig.ts"
import { Api } from "./api/Api.ts"
import { HealthHandlers } from "./handlers/Health.ts"
import { PublicHandlers } from "./handlers/Public.ts"
import { V1HealthHandlers } from "./handlers/V1.ts"
import { openApiDocument } from "./OpenApiDocument.ts"
import type { Surface } from "./OpenApiDocument.ts"

const ApiRoutes = HttpApiBuilder.layer(Api).pipe(Layer.provide([HealthHandlers, PublicHandlers, V1HealthHandlers]))

/** The document is made on the first request for it: it costs a start some 20 ms, and most processes never need it. */
const documentRoute = (path: `/${string}`, surface: Surface, options: Parameters<typeof openApiDocument>[1]) =>
  HttpRouter.use((router) =>
    Effect.flatMap(
      Effect.cached(Effect.sync(() => HttpServerResponse.jsonUnsafe(openApiDocument(surface, options)))),
      (response) => router.add("GET", path, response)
    )
  )

const DocsRoutes = Layer.unwrap(
  Effect.map(AppConfig, ({ appVersion, docs, projectName }) => {
    const options = { title: projectName, version: appVersion }
    return docs.enabled
      ? Layer.mergeAll(documentRoute("/openapi.json", "all", options), documentRoute("/v1/openapi.json", "v1", options))
      : Layer.empty
  })
)

/** Contract and handlers as one layer of routes: what the server serves and what HTTP tests serve. */
export const Routes = Layer.mergeAll(ApiRoutes, DocsRoutes)
