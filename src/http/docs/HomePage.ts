import { Effect, Layer } from "effect"
import { AppConfig } from "../../layers/AppConfig.ts"
import type { RouteMethod } from "../middleware/Allow.ts"
import { serveContent } from "./Content.ts"
import { textPage } from "./Html.ts"

const path = "/"

/** Links are relative, so that they work behind a path prefix. */
const docsLinks = `<li><a href="docs">Try the API</a> in Swagger UI</li>
<li><a href="redoc">Read the reference</a></li>
<li><a href="openapi.json">OpenAPI document</a>, for code generators</li>`

const noDocs = "<li>Documentation is turned off on this server</li>"

const contentOf = (hasDocs: boolean): string => `<p>The backend service of The Bitcoin Game. It is running.</p>
<ul>
${hasDocs ? docsLinks : noDocs}
<li><a href="errors">All errors</a>, and how to fix them</li>
</ul>
<p>Requests under <code>/v1/teams</code> need an API key of the team, sent as
<code>Authorization: Bearer tbg_…</code>. <code>tbg serve --demo</code> prints one at startup.</p>
<p>Status of this server: <a href="ready">readiness</a>, <a href="version">version</a>.</p>`

/** Routes of the page, for `Allow`. */
export const homeRoutes: ReadonlyArray<RouteMethod> = [{ method: "GET", path }]

/** Page at `/` that introduces the service. It is served even if the docs are turned off. */
export const HomePage = Layer.unwrap(
  Effect.map(AppConfig, ({ docs, projectName }) =>
    serveContent([{ path, ...textPage(projectName, contentOf(docs.enabled)) }])
  )
)
