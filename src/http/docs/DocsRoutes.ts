import { Effect, Layer } from "effect"
import { AppConfig } from "../../layers/AppConfig.ts"
import { makeContent } from "./Content.ts"
import { readAssetFiles } from "./AssetFiles.ts"
import { makeAssets, serveAssets } from "./Assets.ts"
import { assetPath, docsPage, redoc, swaggerUi } from "./Pages.ts"
import type { RouteMethod } from "../middleware/Allow.ts"
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

const utf8 = new TextEncoder()

/**
 * OpenAPI documents and pages that show them (contract section 1). They are built on the first request, because
 * building the document at startup would delay it by 20 ms.
 */
export const DocsRoutes = Layer.unwrap(
  Effect.gen(function* () {
    const { appVersion, docs, projectName } = yield* AppConfig
    if (!docs.enabled) return Layer.empty
    const options = { title: projectName, version: appVersion }
    const assets = yield* Effect.cached(Effect.flatMap(Effect.promise(readAssetFiles), makeAssets))

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

    return Layer.merge(
      serveContent([
        ...documents.map(({ path, surface }) => ({ path, content: documentContent(surface) })),
        ...pages.map((page) => ({
          path: page.path,
          content: pageContent(page),
          headers: { "content-security-policy": page.tool.policy }
        }))
      ]),
      serveAssets(assetPath, assets)
    )
  })
)
