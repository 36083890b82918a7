import type { OpenApi } from "effect/http-api"

type Headers = Record<string, OpenApi.OpenAPISpecHeader>

const header = (type: "string" | "integer") => (description: string) => ({
  schema: { type },
  required: true,
  description
})
const text = header("string")
const count = header("integer")

const onEveryResponse: Headers = { "X-Request-Id": text("Id from the request, or a new UUID; the log has it too") }

const onLimited: Headers = {
  "X-RateLimit-Limit": count("Requests allowed per window"),
  "X-RateLimit-Remaining": count("Requests left"),
  "X-RateLimit-Reset": count("Seconds until the full limit is available again"),
  "RateLimit-Policy": text('The limit, such as `"ip";q=100;w=60`'),
  RateLimit: text('Requests left under the limit, such as `"ip";r=99;t=60`')
}

const byStatus: Readonly<Record<string, Headers>> = {
  401: { "WWW-Authenticate": text("The expected scheme (RFC 6750)") },
  429: { "Retry-After": count("Seconds to wait before retrying") },
  503: { "Retry-After": count("Seconds to wait before retrying") }
}

/** Headers of a response that the edge adds for callers (contract section 3). */
export const commonHeaders = (status: string, isLimited: boolean): Headers => ({
  ...onEveryResponse,
  ...(isLimited && (status < "400" || status === "429") ? onLimited : {}),
  ...byStatus[status]
})
