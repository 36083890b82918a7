import { codes, errorPagePath, failures, meanings, titleOf } from "../ErrorCodes.ts"
import type { Code } from "../ErrorCodes.ts"
import type { RouteMethod } from "../middleware/Allow.ts"
import { serveContent } from "./Content.ts"
import { escapeHtml, textPage } from "./Html.ts"

const remedies: Readonly<Record<Code, string>> = {
  NOT_FOUND:
    "Check the path. It is case-sensitive, and double or trailing slashes matter. Deleted posts can be restored.",
  METHOD_NOT_ALLOWED: "Use one of the methods in the Allow header of the response.",
  BAD_REQUEST: "Fix the request; sending it again unchanged will fail.",
  HEADERS_TOO_LARGE: "Send fewer or shorter headers. Large cookies are the usual cause.",
  REQUEST_TIMEOUT: "Retry over a faster connection, or with a smaller body.",
  EXPECTATION_FAILED: "Send the request without the Expect header.",
  VALIDATION_ERROR:
    "Fix the problems in the list of errors. Each has a path, such as tags[2], and a message. The list has at most 100.",
  UNAUTHORIZED: "Send Authorization: Bearer with an API key under /v1/teams, or with a user's token under /api/v1/me.",
  FORBIDDEN: "Use the path of the key's team, or a key of the team in the path.",
  PRECONDITION_FAILED: "Get the current version and its ETag, then decide whether to repeat the change.",
  CONFLICT: "Send the same request again in a moment. It returns the response to the first one.",
  IDEMPOTENCY_KEY_REUSED: "Use a new key for each new request. Reuse a key only to repeat the same request.",
  PAYLOAD_TOO_LARGE: "Send a smaller body.",
  UNSUPPORTED_MEDIA_TYPE: "Send Content-Type: application/json, and JSON without Content-Encoding.",
  RATE_LIMITED:
    "Wait the number of seconds in Retry-After. Rejected requests do not count. GET /v1/limits shows how many are left.",
  SERVICE_UNAVAILABLE:
    "Retry after the number of seconds in Retry-After. Send writes with an Idempotency-Key, so that a retry is safe.",
  OVERLOADED: "Retry after the number of seconds in Retry-After.",
  INTERNAL: "If the error persists, report it with the X-Request-Id of the response."
}

const errorPage = (code: Code) =>
  textPage(
    titleOf(code),
    `<p>Status ${failures[code].status}, code <code>${code}</code></p>
<p>${escapeHtml(meanings[code])}</p>
<h2>What to do</h2>
<p>${escapeHtml(remedies[code])}</p>
<p><a href="../errors">All errors</a></p>`
  )

const indexPath = "/errors"

/** Links are relative, so that the pages work behind a path prefix. */
const indexEntry = (code: Code): string =>
  `<dt><a href="${errorPagePath(code).slice(1)}">${failures[code].status} ${escapeHtml(titleOf(code))}</a></dt>
<dd><code>${code}</code>: ${escapeHtml(meanings[code])}</dd>`

const index = textPage(
  "Errors",
  `<dl>
${codes
  .toSorted((one, other) => failures[one].status - failures[other].status)
  .map(indexEntry)
  .join("\n")}
</dl>`
)

/** Routes of the pages, for `Allow`. */
export const errorPageRoutes: ReadonlyArray<RouteMethod> = [indexPath, ...codes.map(errorPagePath)].map((path) => ({
  method: "GET",
  path
}))

/**
 * An index and one page per error, to which `doc_url` and `type` point (RFC 9457, 3.1.1). They are served even if the
 * docs are turned off, because errors refer to them.
 */
export const ErrorPages = serveContent([
  { path: indexPath, ...index },
  ...codes.map((code) => ({
    path: errorPagePath(code),
    route: "/errors/:code",
    ...errorPage(code)
  }))
])
