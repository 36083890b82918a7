import type { OpenApi } from "effect/http-api"

type Headers = Record<string, OpenApi.OpenAPISpecHeader>

const text = (description: string): OpenApi.OpenAPISpecHeader => ({
  schema: { type: "string" },
  required: true,
  description
})
const count = (description: string): OpenApi.OpenAPISpecHeader => ({
  schema: { type: "integer" },
  required: true,
  description
})

const always: Headers = { "X-Request-Id": text("The caller's, or a new UUID; it is also in the log") }

const ofLimit: Headers = {
  "X-RateLimit-Limit": count("Requests allowed per window"),
  "X-RateLimit-Remaining": count("Requests left"),
  "X-RateLimit-Reset": count("Seconds until the full limit is available again"),
  "RateLimit-Policy": text('The limit: `"ip";q=100;w=60`'),
  RateLimit: text('What is left of the limit: `"ip";r=99;t=60`')
}

const ofStatus: Readonly<Record<string, Headers>> = {
  401: { "WWW-Authenticate": text("The expected scheme (RFC 6750)") },
  429: { "Retry-After": count("Seconds to wait; a retry then succeeds") },
  503: { "Retry-After": count("Seconds to wait before retrying") }
}

/** Headers that the edge adds to a response (contract section 3) and callers may use. */
export const commonHeaders = (status: string, isLimited: boolean): Headers => ({
  ...always,
  ...(isLimited && (status < "400" || status === "429") ? ofLimit : {}),
  ...ofStatus[status]
})
