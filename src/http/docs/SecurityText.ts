import { DateTime, Effect, Layer } from "effect"
import type { RouteMethod } from "../middleware/Allow.ts"
import { makeContent, serveContent } from "./Content.ts"

const path = "/.well-known/security.txt"

const repository = "https://github.com/the-bitcoin-game/tbg-api"

/** Days from startup to expiry. RFC 9116, 2.5.5 recommends less than a year. */
const validDays = 180

const textFrom = (startedAt: DateTime.Utc): string => {
  // Rounded to a day, so that replicas that start together return the same text.
  const expires = DateTime.startOf(DateTime.add(startedAt, { days: validDays }), "day")
  return `Contact: ${repository}/security/advisories/new
Policy: ${repository}/blob/main/SECURITY.md
Preferred-Languages: en
Expires: ${DateTime.formatIso(expires)}
`
}

/** Routes of the text, for `Allow`. */
export const securityTextRoutes: ReadonlyArray<RouteMethod> = [{ method: "GET", path }]

/** Contact for vulnerability reports (RFC 9116). */
export const SecurityText = Layer.unwrap(
  Effect.map(DateTime.now, (startedAt) => {
    const content = makeContent({ contentType: "text/plain; charset=utf-8", body: textFrom(startedAt) })
    return serveContent([{ path, content }])
  })
)
