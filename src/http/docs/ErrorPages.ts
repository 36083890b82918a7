import { makeContent } from "./Content.ts"
import { escaped, inlineSource } from "./Html.ts"
import { codes, errorPagePath, failures, titleOf } from "../ErrorCodes.ts"
import type { Code } from "../ErrorCodes.ts"
import type { RouteMethod } from "../middleware/Allow.ts"
import { pagePolicy } from "../middleware/SecurityHeaders.ts"
import { serveTexts } from "./Texts.ts"

const style = "body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem }"

const page = (code: Code): string => {
  const { meaning, remedy } = failures[code]
  const title = titleOf(code)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<p>Status ${failures[code].status}, code <code>${code}</code></p>
<p>${escaped(meaning)}</p>
<h2>What to do</h2>
<p>${escaped(remedy)}</p>
</body>
</html>
`
}

const headers = {
  "content-security-policy": pagePolicy({ "style-src": inlineSource(style), "img-src": "data:" })
}

/** What is served, for `Allow`. */
export const errorPageRoutes: ReadonlyArray<RouteMethod> = codes.map((code) => ({
  method: "GET",
  path: errorPagePath(code)
}))

/**
 * The pages that the `type` of a problem document points at, one a failure (RFC 9457, 3.1.1). They are served whether
 * the docs are or not: the problems that point at them are.
 */
export const ErrorPages = serveTexts(
  codes.map((code) => ({
    path: errorPagePath(code),
    route: "/errors/:code",
    content: makeContent({ contentType: "text/html; charset=utf-8", body: new TextEncoder().encode(page(code)) }),
    headers
  }))
)
