import { Effect, Layer } from "effect"
import { HttpRouter } from "effect/http"
import { AppConfig } from "../../layers/AppConfig.ts"
import { makeContent } from "./Content.ts"
import { readAssets } from "./Assets.ts"
import { assetPath, docsPage, redoc, swaggerUi } from "./Pages.ts"
import { NotFound } from "../Errors.ts"
import type { RouteMethod } from "../middleware/Allow.ts"
import { makeRecordRoute } from "../middleware/Common.ts"
import { RateLimits } from "../middleware/RateLimits.ts"
import { openApiDocument } from "./OpenApiDocument.ts"
import { serveContent } from "./ContentRoutes.ts"

const documents = [
  { path: "/openapi.json", surface: "all" },
  { path: "/v1/openapi.json", surface: "v1" }
] as const

const pages = [
  { path: "/docs", tool: swaggerUi, document: "/openapi.json" },
  { path: "/v1/docs", tool: swaggerUi, document: "/v1/openapi.json" },
  { path: "/redoc", tool: redoc, document: "/openapi.json" }
] as const

/** Routes of the docs, for `Allow`. */
export const docsRoutes: ReadonlyArray<RouteMethod> = [...documents, ...pages, { path: assetPath }].map(({ path }) => ({
  method: "GET",
  path
}))

const immutable = { "cache-control": "public, max-age=31536000, immutable" }

const utf8 = new TextEncoder()

/**
 * OpenAPI documents and pages that show them (contract section 1). They are built on the first request, because
 * building the document at startup would delay it by 20 ms. Assets have no rate limit, because a page loads several.
 * Unknown assets are limited like unknown paths.
 */
export const DocsRoutes = Layer.unwrap(
  Effect.gen(function* () {
    const { appVersion, docs, projectName } = yield* AppConfig
    if (!docs.enabled) return Layer.empty
    const { admit } = yield* RateLimits
    const recordRoute = yield* makeRecordRoute
    const options = { title: projectName, version: appVersion }
    const assets = yield* Effect.cached(readAssets)

    const documentContent = (surface: (typeof documents)[number]["surface"]) =>
      Effect.suspend(() =>
        makeContent({
          contentType: "application/json",
          body: utf8.encode(JSON.stringify(openApiDocument(surface, options)))
        })
      )

    const pageContent = ({ document, path, tool }: (typeof pages)[number]) =>
      Effect.flatMap(assets, ({ version }) =>
        makeContent({
          contentType: "text/html; charset=utf-8",
          body: utf8.encode(docsPage(tool, { title: projectName, path, document }, version))
        })
      )

    const asset = Effect.gen(function* () {
      const { name = "", version } = yield* HttpRouter.params
      const current = yield* assets
      const content = version === current.version ? current.contents.get(name) : undefined
      if (content === undefined) return yield* Effect.andThen(admit("ip"), new NotFound())
      return yield* content.respond(immutable)
    })

    return Layer.merge(
      serveContent([
        ...documents.map(({ path, surface }) => ({ path, content: documentContent(surface) })),
        ...pages.map((page) => ({
          path: page.path,
          content: pageContent(page),
          headers: { "content-security-policy": page.tool.policy }
        }))
      ]),
      HttpRouter.add("GET", assetPath, recordRoute(assetPath)(Effect.orDie(asset)))
    )
  })
)
