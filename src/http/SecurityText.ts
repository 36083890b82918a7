import { DateTime, Effect } from "effect"
import { HttpRouter } from "effect/http"
import { makeContent } from "./docs/Content.ts"
import type { RouteMethod } from "./middleware/Allow.ts"
import { Limits } from "./middleware/Limits.ts"
import { asRoute } from "./middleware/Matched.ts"

const path = "/.well-known/security.txt"

/** Where a report goes that nobody else is to read, and what is done with it: SECURITY.md says the same. */
const repository = "https://github.com/the-bitcoin-game/tbg-api"

/** Less than a year, so that what a process says that nobody has renewed is taken for stale (RFC 9116, 2.5.5). */
const validDays = 180

const textFrom = (startedAt: DateTime.Utc): string => {
  // Of the day, so that replicas which start together say the same.
  const expires = DateTime.startOf(DateTime.add(startedAt, { days: validDays }), "day")
  return `Contact: ${repository}/security/advisories/new
Policy: ${repository}/blob/main/SECURITY.md
Preferred-Languages: en
Expires: ${DateTime.formatIso(expires)}
`
}

/** What is served, for `Allow`. */
export const securityTextRoutes: ReadonlyArray<RouteMethod> = [{ method: "GET", path }]

/** Whom to tell of a hole (RFC 9116): a text, under the limit of the address as every page. */
export const SecurityText = HttpRouter.use((router) =>
  Effect.gen(function* () {
    const { admit } = yield* Limits
    const body = new TextEncoder().encode(textFrom(yield* DateTime.now))
    const { respond } = yield* makeContent({ contentType: "text/plain; charset=utf-8", body })
    const answer = admit("ip")(respond({ "cache-control": "no-cache" }))
    yield* router.add("GET", path, asRoute(path)(Effect.orDie(answer)))
  })
)
