import { pagePolicy } from "../middleware/SecurityHeaders.ts"
import { escapeHtml, htmlDocument, inlineSource } from "./Html.ts"

/** Path of an asset; `:version` is the digest of all assets. */
export const assetPath = "/docs/assets/:version/:name"

/** Relative URL, so that pages work behind a path prefix. */
const relativeTo = (page: string, path: string): string => `${"../".repeat(page.split("/").length - 2)}${path.slice(1)}`

export interface Tool {
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

/** Both tools have their images as `data:` URLs and fetch the document from this service. */
const shared = { "script-src": "'self'", "connect-src": "'self'", "img-src": "'self' data:" }

export const swaggerUi: Tool = {
  style: ownStyle,
  styles: ["swagger-ui.css"],
  scripts: ["swagger-ui-bundle.js", "swagger-ui.js"],
  policy: pagePolicy({ ...shared, "style-src": `'self' ${inlineSource(ownStyle)}` })
}

/**
 * ReDoc creates empty style elements, which it fills through the CSSOM, and one for scrollbars, whose hash is that of
 * version 2.5.4. Its search runs in a worker that it creates from a blob.
 */
const redocStyles = [inlineSource(""), "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='"]

export const redoc: Tool = {
  style: redocStyle,
  styles: [],
  scripts: ["redoc.standalone.js", "redoc.js"],
  policy: pagePolicy({
    ...shared,
    "style-src": [inlineSource(redocStyle), ...redocStyles].join(" "),
    "worker-src": "blob:"
  })
}

interface Page {
  readonly title: string
  readonly path: string
  readonly document: string
}

export const docsPage = (tool: Tool, { document, path, title }: Page, version: string) => {
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
