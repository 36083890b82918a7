import { Effect, Layer } from "effect"
import { AppConfig } from "../../layers/AppConfig.ts"
import { makeContent } from "./Content.ts"
import { escaped, inlineSource } from "./Html.ts"
import type { RouteMethod } from "../middleware/Allow.ts"
import { pagePolicy } from "../middleware/SecurityHeaders.ts"
import { serveTexts } from "./Texts.ts"

const path = "/"

const style =
  ":root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif } " +
  "body { max-width: 40rem; margin: 3rem auto; padding: 0 1rem; overflow-wrap: break-word }"

/** Links are relative, so that they work behind the path prefix of a proxy. */
const docsLinks = `<ul>
<li><a href="docs">Try the API</a> in Swagger UI</li>
<li><a href="redoc">Read the reference</a></li>
<li><a href="openapi.json">OpenAPI document</a>, for code generators</li>
</ul>
<p>Requests under <code>/v1/teams</code> need an API key of the team, sent as
<code>Authorization: Bearer tbg_…</code>. <code>tbg serve --demo</code> prints one at startup.</p>`

const noDocs = "<p>The documentation is turned off on this server.</p>"

const homePage = (projectName: string, hasDocs: boolean): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(projectName)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<main>
<h1>${escaped(projectName)}</h1>
<p>The backend service of The Bitcoin Game. It is running.</p>
${hasDocs ? docsLinks : noDocs}
<p>State of this server: <a href="ready">readiness</a>, <a href="version">version</a>.</p>
</main>
</body>
</html>
`

const headers = {
  "content-security-policy": pagePolicy({ "style-src": inlineSource(style), "img-src": "data:" })
}

/** Routes of the page, for `Allow`. */
export const homeRoutes: ReadonlyArray<RouteMethod> = [{ method: "GET", path }]

/** Page at `/` that tells a newcomer what this server is. It is served even if the docs are disabled. */
export const HomePage = Layer.unwrap(
  Effect.map(AppConfig, ({ docs, projectName }) => {
    const body = new TextEncoder().encode(homePage(projectName, docs.enabled))
    return serveTexts([{ path, content: makeContent({ contentType: "text/html; charset=utf-8", body }), headers }])
  })
)
