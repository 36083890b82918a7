import { Effect } from "effect"
import { HttpRouter } from "effect/http"
import { makeContent } from "./docs/Content.ts"
import { escaped, inlineSource } from "./docs/Html.ts"
import { codes, failures } from "./Errors.ts"
import type { Code } from "./Errors.ts"
import { errorPagePath, explanations } from "./Explanations.ts"
import type { RouteMethod } from "./middleware/Allow.ts"
import { Limits } from "./middleware/Limits.ts"
import { asRoute } from "./middleware/Matched.ts"
import { pagePolicy } from "./middleware/SecurityHeaders.ts"

const style = "body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem }"

const page = (code: Code): string => {
  const { meaning, remedy, title } = explanations[code]
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
  "cache-control": "no-cache",
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
export const ErrorPages = HttpRouter.use((router) =>
  Effect.gen(function* () {
    const { admit } = yield* Limits
    const label = asRoute("/errors/:code")
    yield* Effect.forEach(codes, (code) =>
      Effect.gen(function* () {
        const body = new TextEncoder().encode(page(code))
        const { respond } = yield* makeContent({ contentType: "text/html; charset=utf-8", body })
        yield* router.add("GET", errorPagePath(code), label(Effect.orDie(admit("ip")(respond(headers)))))
      })
    )
  })
)
