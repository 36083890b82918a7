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

const always: Headers = { "X-Request-Id": text("The caller's, or a new UUID; it is on the log line too") }

const ofLimit: Headers = {
  "X-RateLimit-Limit": count("Requests a window"),
  "X-RateLimit-Remaining": count("Requests left"),
  "X-RateLimit-Reset": count("Seconds until all of the limit is there again"),
  "RateLimit-Policy": text('The limit: `"ip";q=100;w=60`'),
  RateLimit: text('What is left of it: `"ip";r=99;t=60`')
}

const ofStatus: Readonly<Record<string, Headers>> = {
  401: { "WWW-Authenticate": text("The scheme that is wanted (RFC 6750)") },
  429: { "Retry-After": count("Seconds after which the next request succeeds") },
  503: { "Retry-After": count("Seconds after which it is worth to try again") }
}

/** The headers that the edge adds to a response (contract section 3), as far as callers go by them. */
export const commonHeaders = (status: string, isLimited: boolean): Headers => ({
  ...always,
  ...(isLimited && (status < "400" || status === "429") ? ofLimit : {}),
  ...ofStatus[status]
})
