import { codes, errorPagePath, failures, meanings, titleOf } from "../ErrorCodes.ts"
import type { Code } from "../ErrorCodes.ts"
import type { RouteMethod } from "../middleware/Allow.ts"
import { escaped } from "./Html.ts"
import { textPage } from "./TextPage.ts"
import { serveTexts } from "./Texts.ts"

/** Advice to callers about each error. */
const remedies: Readonly<Record<Code, string>> = {
  NOT_FOUND: "Check the path: case matters, and so do doubled and trailing slashes. A deleted post can be restored.",
  METHOD_NOT_ALLOWED: "Use one of the methods in the Allow header of the response.",
  BAD_REQUEST: "Fix the request; sending it again unchanged will fail.",
  HEADERS_TOO_LARGE: "Send fewer or shorter headers; cookies are the usual cause.",
  REQUEST_TIMEOUT: "Try again over a better connection, or with a smaller body.",
  EXPECTATION_FAILED: "Leave the header out.",
  VALIDATION_ERROR:
    "The list of errors has up to 100 problems, each with its path (such as tags[2]) and what was expected.",
  UNAUTHORIZED: "Send Authorization: Bearer, with an API key under /v1/teams and a user's token under /api/v1/me.",
  FORBIDDEN: "Use the path of the key's own team, or a key of the path's team.",
  PRECONDITION_FAILED: "Get the current version and its ETag, then decide again.",
  CONFLICT: "Try the same request again in a moment; it then returns the response of the first one.",
  IDEMPOTENCY_KEY_REUSED: "Use a new key for a new request, and the same key only to repeat the same request.",
  PAYLOAD_TOO_LARGE: "Send a smaller body.",
  UNSUPPORTED_MEDIA_TYPE: "Send Content-Type: application/json, and JSON without Content-Encoding.",
  RATE_LIMITED:
    "Wait for as many seconds as Retry-After says; rejected requests do not count. GET /v1/limits shows what is left.",
  SERVICE_UNAVAILABLE: "Try again after as many seconds as Retry-After says; to write safely, with an Idempotency-Key.",
  OVERLOADED: "Try again after as many seconds as Retry-After says.",
  INTERNAL: "If it persists, report it with the X-Request-Id of the response."
}

const errorPage = (code: Code) =>
  textPage(
    titleOf(code),
    `<p>Status ${failures[code].status}, code <code>${code}</code></p>
<p>${escaped(meanings[code])}</p>
<h2>What to do</h2>
<p>${escaped(remedies[code])}</p>
<p><a href="../errors">All errors</a></p>`
  )

const indexPath = "/errors"

/** Links are relative, so the pages work behind a path prefix. */
const indexEntry = (code: Code): string =>
  `<dt><a href="${errorPagePath(code).slice(1)}">${failures[code].status} ${escaped(titleOf(code))}</a></dt>
<dd><code>${code}</code>: ${escaped(meanings[code])}</dd>`

const index = textPage(
  "Errors",
  `<dl>
${codes
  .toSorted((one, other) => failures[one].status - failures[other].status)
  .map(indexEntry)
  .join("\n")}
</dl>`
)

/** Routes, for `Allow`. */
export const errorPageRoutes: ReadonlyArray<RouteMethod> = [indexPath, ...codes.map(errorPagePath)].map((path) => ({
  method: "GET",
  path
}))

/**
 * One page per error, to which `doc_url` and the `type` of problem documents point (RFC 9457, 3.1.1), and their index.
 * They are served also if the docs are off, because errors refer to them.
 */
export const ErrorPages = serveTexts([
  { path: indexPath, ...index },
  ...codes.map((code) => ({
    path: errorPagePath(code),
    route: "/errors/:code",
    ...errorPage(code)
  }))
])
