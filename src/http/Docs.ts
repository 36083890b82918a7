import { Effect, Layer } from "effect"
import { HttpRouter } from "effect/http"
import { AppConfig } from "../layers/AppConfig.ts"
import { makeContent } from "./Content.ts"
import { readAssets } from "./docs/Assets.ts"
import { assetPath, docsPage, redoc, swaggerUi } from "./docs/Pages.ts"
import { NotFound } from "./Errors.ts"
import type { RouteMethod } from "./middleware/Allow.ts"
import { Limits } from "./middleware/Limits.ts"
import { asRoute } from "./middleware/Matched.ts"
import { openApiDocument } from "./OpenApiDocument.ts"
import { serveTexts } from "./Texts.ts"

const documents = [
  { path: "/openapi.json", surface: "all" },
  { path: "/v1/openapi.json", surface: "v1" }
] as const

const pages = [
  { path: "/docs", tool: swaggerUi, document: "/openapi.json" },
  { path: "/v1/docs", tool: swaggerUi, document: "/v1/openapi.json" },
  { path: "/redoc", tool: redoc, document: "/openapi.json" }
] as const

/** What is served where the docs are on, for `Allow`. */
export const docsRoutes: ReadonlyArray<RouteMethod> = [...documents, ...pages, { path: assetPath }].map(({ path }) => ({
  method: "GET",
  path
}))

const immutable = { "cache-control": "public, max-age=31536000, immutable" }

const utf8 = new TextEncoder()

/**
 * The OpenAPI documents and the pages that show them (contract section 1). All is made on the first request for it: the
 * document alone would cost a start some 20 ms, and most never need one. Assets are under no limit, as a browser asks
 * for several of them a page; an asset that is not there is a path without a route, and limited as those are.
 */
export const DocsRoutes = Layer.unwrap(
  Effect.gen(function* () {
    const { appVersion, docs, projectName } = yield* AppConfig
    if (!docs.enabled) return Layer.empty
    const { admit } = yield* Limits
    const options = { title: projectName, version: appVersion }
    const assets = yield* Effect.cached(readAssets)

    const documentContent = (surface: (typeof documents)[number]["surface"]) =>
      Effect.suspend(() =>
        makeContent({
          contentType: "application/json",
          body: utf8.encode(JSON.stringify(openApiDocument(surface, options)))
        })
      )

    const pageContent = ({ document, tool }: (typeof pages)[number]) =>
      Effect.flatMap(assets, ({ version }) =>
        makeContent({
          contentType: "text/html; charset=utf-8",
          body: utf8.encode(docsPage(tool, { title: projectName, document }, version))
        })
      )

    const asset = Effect.gen(function* () {
      const { name = "", version } = yield* HttpRouter.params
      const current = yield* assets
      const content = version === current.version ? current.contents.get(name) : undefined
      return yield* content === undefined ? admit("ip")(Effect.fail(new NotFound())) : content.respond(immutable)
    })

    return Layer.merge(
      serveTexts([
        ...documents.map(({ path, surface }) => ({ path, content: documentContent(surface) })),
        ...pages.map((page) => ({
          path: page.path,
          content: pageContent(page),
          headers: { "content-security-policy": page.tool.policy }
        }))
      ]),
      HttpRouter.add("GET", assetPath, asRoute(assetPath)(Effect.orDie(asset)))
    )
  })
)
