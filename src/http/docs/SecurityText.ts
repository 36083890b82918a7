import { DateTime, Effect, Layer } from "effect"
import { makeContent } from "./Content.ts"
import type { RouteMethod } from "../middleware/Allow.ts"
import { serveTexts } from "./Texts.ts"

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

/** Whom to tell of a hole (RFC 9116). */
export const SecurityText = Layer.unwrap(
  Effect.map(DateTime.now, (startedAt) => {
    const body = new TextEncoder().encode(textFrom(startedAt))
    return serveTexts([{ path, content: makeContent({ contentType: "text/plain; charset=utf-8", body }) }])
  })
)
