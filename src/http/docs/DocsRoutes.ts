import { Effect, Layer } from "effect"
import { AppConfig } from "../../layers/AppConfig.ts"
import type { RouteMethod } from "../middleware/Allow.ts"
import { pagePolicy } from "../middleware/SecurityHeaders.ts"
import { readAssetFiles } from "./AssetFiles.ts"
import { makeAssets, serveAssets } from "./Assets.ts"
import { makeContent, serveContent } from "./Content.ts"
import { escapeHtml, htmlDocument, inlineSource } from "./Html.ts"
import { openApiDocument } from "./OpenApiDocument.ts"

/** Path of an asset; `:version` is the digest of all assets. */
const assetPath = "/docs/assets/:version/:name"

interface Tool {
  readonly style: string
  readonly styles: ReadonlyArray<string>
  readonly scripts: ReadonlyArray<string>
  readonly policy: string
}

/** Swagger UI creates no style elements. Both tools set styles through the CSSOM, to which no policy applies. */
const ownStyle = ":root { color-scheme: light dark } body { margin: 0 }"

/** ReDoc has no theme setting for the color of some headings. */
const redocStyle = `${ownStyle}
@media (prefers-color-scheme: dark) { #docs h5 { color: #b0b0b0; border-color: #3a3a3a } }`

/** Parts of both policies: both tools embed their images as `data:` URLs and fetch the document from this service. */
const shared = { "script-src": "'self'", "connect-src": "'self'", "img-src": "'self' data:" }

const swaggerUi: Tool = {
  style: ownStyle,
  styles: ["swagger-ui.css"],
  scripts: ["swagger-ui-bundle.js", "swagger-ui.js"],
  policy: pagePolicy({ ...shared, "style-src": `'self' ${inlineSource(ownStyle)}` })
}

/**
 * ReDoc creates empty style elements, which it fills through the CSSOM, and one for scrollbars, whose hash is that of
 * version 2.5.4. Its search runs in a worker that it creates from a blob.
 */
const redocStyleSources = [inlineSource(""), "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='"]

const redoc: Tool = {
  style: redocStyle,
  styles: [],
  scripts: ["redoc.standalone.js", "redoc.js"],
  policy: pagePolicy({
    ...shared,
    "style-src": [inlineSource(redocStyle), ...redocStyleSources].join(" "),
    "worker-src": "blob:"
  })
}

const documents = [
  { path: "/openapi.json", surface: "all" },
  { path: "/v1/openapi.json", surface: "v1" }
] as const

const pages = [
  { path: "/docs", tool: swaggerUi, document: "/openapi.json" },
  { path: "/v1/docs", tool: swaggerUi, document: "/v1/openapi.json" },
  { path: "/redoc", tool: redoc, document: "/openapi.json" }
] as const

/** Relative URL, so that pages work behind a path prefix. */
const relativeTo = (page: string, path: string): string => `${"../".repeat(page.split("/").length - 2)}${path.slice(1)}`

const docsPage = ({ document, path, tool }: (typeof pages)[number], title: string, version: string): string => {
  const assetUrl = (name: string) => relativeTo(path, assetPath.replace(":version", version).replace(":name", name))
  const documentUrl = escapeHtml(relativeTo(path, document))
  return htmlDocument({
    title,
    style: tool.style,
    head: [
      ...tool.styles.map((name) => `<link rel="stylesheet" href="${assetUrl(name)}">`),
      ...tool.scripts.map((name) => `<script defer src="${assetUrl(name)}"></script>`)
    ].join("\n"),
    body: `<div id="docs" data-document="${documentUrl}"></div>
<noscript>This page needs JavaScript; <a href="${documentUrl}">the document</a> does not.</noscript>`
  })
}

/** Routes of the docs, for `Allow`. */
export const docsRoutes: ReadonlyArray<RouteMethod> = [...documents, ...pages, { path: assetPath }].map(({ path }) => ({
  method: "GET",
  path
}))

/**
 * OpenAPI documents and pages that show them (contract section 1). They are built on the first request, because
 * building the document at startup would delay it by 20 ms.
 */
export const DocsRoutes = Layer.unwrap(
  Effect.gen(function* () {
    const { appVersion, docs, projectName: title } = yield* AppConfig
    if (!docs.enabled) return Layer.empty
    const assets = yield* Effect.cached(Effect.flatMap(Effect.promise(readAssetFiles), makeAssets))
    return Layer.merge(
      serveContent([
        ...documents.map(({ path, surface }) => ({
          path,
          content: Effect.suspend(() => {
            const document = openApiDocument(surface, { title, version: appVersion })
            return makeContent({ contentType: "application/json", body: JSON.stringify(document) })
          })
        })),
        ...pages.map((page) => ({
          path: page.path,
          headers: { "content-security-policy": page.tool.policy },
          content: Effect.flatMap(assets, ({ version }) =>
            makeContent({ contentType: "text/html; charset=utf-8", body: docsPage(page, title, version) })
          )
        }))
      ]),
      serveAssets(assetPath, assets)
    )
  })
)
