import { pagePolicy } from "../middleware/SecurityHeaders.ts"
import { escaped, inlineSource } from "./Html.ts"

/** Where assets are; `:version` is that of all of them together. */
export const assetPath = "/docs/assets/:version/:name"

export interface Tool {
  readonly styles: ReadonlyArray<string>
  readonly scripts: ReadonlyArray<string>
  readonly policy: string
}

/** Swagger UI makes no style elements; both tools set styles through the CSSOM, which no policy is asked about. */
const ownStyle = "body { margin: 0 }"

/** Both bring their pictures as `data:` and ask this service for the document. */
const shared = { "script-src": "'self'", "connect-src": "'self'", "img-src": "'self' data:" }

export const swaggerUi: Tool = {
  styles: ["swagger-ui.css"],
  scripts: ["swagger-ui-bundle.js", "swagger-ui.js"],
  policy: pagePolicy({ ...shared, "style-src": `'self' ${inlineSource(ownStyle)}` })
}

/**
 * ReDoc makes two kinds of style elements: empty ones that it fills through the CSSOM, and one of its scrollbars, by
 * the hash of version 2.5.4. Its search runs in a worker that it makes from a blob.
 */
const redocStyles = [inlineSource(""), "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='"]

export const redoc: Tool = {
  styles: [],
  scripts: ["redoc.standalone.js", "redoc.js"],
  policy: pagePolicy({
    ...shared,
    "style-src": [inlineSource(ownStyle), ...redocStyles].join(" "),
    "worker-src": "blob:"
  })
}

export interface DocsPage {
  readonly title: string
  /** URL of `/`, relative to the page. */
  readonly root: string
}

/** A page that shows the OpenAPI document beside it. URLs are relative, for path prefixes that a proxy removes. */
export const docsPage = (tool: Tool, page: DocsPage, version: string) => {
  const assetUrl = (name: string): string => page.root + assetPath.replace(":version", version).replace(":name", name)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(page.title)}</title>
<link rel="icon" href="data:,">
<style>${ownStyle}</style>
${tool.styles.map((name) => `<link rel="stylesheet" href="${assetUrl(name)}">`).join("\n")}
${tool.scripts.map((name) => `<script defer src="${assetUrl(name)}"></script>`).join("\n")}
</head>
<body>
<div id="docs" data-document="openapi.json"></div>
<noscript>These pages need JavaScript. The document itself is <a href="openapi.json">here</a>.</noscript>
</body>
</html>
`
}
