interface ErrorText {
  readonly status: number
  readonly detail: string
  /** Name of the error, if it differs from the detail. */
  readonly title?: string
  readonly meaning: string
  /** What the caller can do. */
  readonly remedy: string
}

/** Status and texts of every public error, by its code (contract section 4). */
export const failures = {
  NOT_FOUND: {
    status: 404,
    detail: "Not found",
    meaning: "No such path, or the record it names does not exist or was deleted.",
    remedy: "Check the path: case matters, and so do doubled and trailing slashes. A deleted post can be restored."
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    detail: "Method not allowed",
    meaning: "The path exists but does not support this method.",
    remedy: "Use one of the methods in the Allow header of the response."
  },
  BAD_REQUEST: {
    status: 400,
    detail: "Malformed request",
    meaning:
      "The request could not be read: a body that is not JSON or not UTF-8, a path that cannot be decoded, or no Host header.",
    remedy: "Fix the request; sending it again unchanged will fail."
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    detail: "Headers too large",
    meaning: "Request headers are limited to 16 KiB and 1000 fields in total.",
    remedy: "Send fewer or shorter headers; cookies are the usual cause."
  },
  REQUEST_TIMEOUT: {
    status: 408,
    detail: "Request timeout",
    meaning: "The complete request did not arrive in time: 10 seconds for its headers, 30 for all of it.",
    remedy: "Try again over a better connection, or with a smaller body."
  },
  EXPECTATION_FAILED: {
    status: 417,
    detail: "Expectation failed",
    meaning: "The Expect header asked for something other than 100-continue.",
    remedy: "Leave the header out."
  },
  VALIDATION_ERROR: {
    status: 422,
    detail: "Validation error",
    meaning: "The request could be read, but some of its values are invalid.",
    remedy: "The list of errors has up to 100 problems, each with its path (such as tags[2]) and what was expected."
  },
  UNAUTHORIZED: {
    status: 401,
    detail: "Not authenticated",
    meaning: "The request has no credential, or one that is unknown, revoked or expired.",
    remedy: "Send Authorization: Bearer, with an API key under /v1/teams and a user's token under /api/v1/me."
  },
  FORBIDDEN: {
    status: 403,
    detail: "Forbidden",
    meaning: "The API key belongs to a different team than the one in the path.",
    remedy: "Use the path of the key's own team, or a key of the path's team."
  },
  PRECONDITION_FAILED: {
    status: 412,
    detail: "Precondition failed",
    meaning: "If-Match or If-None-Match excludes the current version, so nothing was done.",
    remedy: "Get the current version and its ETag, then decide again."
  },
  CONFLICT: {
    status: 409,
    detail: "Conflict",
    meaning: "A request with the same Idempotency-Key is still in progress.",
    remedy: "Try the same request again in a moment; it then returns the response of the first one."
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    detail: "Idempotency key reused",
    meaning: "The Idempotency-Key was used before, with another body.",
    remedy: "Use a new key for a new request, and the same key only to repeat the same request."
  },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    detail: "Payload too large",
    meaning: "The body is longer than this service accepts: 256 KiB unless configured otherwise.",
    remedy: "Send a smaller body."
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    detail: "Unsupported media type",
    meaning: "The body is not declared as JSON, or has a content coding such as gzip.",
    remedy: "Send Content-Type: application/json, and JSON without Content-Encoding."
  },
  RATE_LIMITED: {
    status: 429,
    detail: "Rate limit exceeded. Try again later.",
    title: "Rate limited",
    meaning: "This address or API key made more requests than the limit allows in its window.",
    remedy:
      "Wait for as many seconds as Retry-After says; rejected requests do not count. GET /v1/limits shows what is left."
  },
  SERVICE_UNAVAILABLE: {
    status: 503,
    detail: "Service unavailable",
    meaning: "A dependency did not respond, the request timed out, or the server is shutting down.",
    remedy: "Try again after as many seconds as Retry-After says; to write safely, with an Idempotency-Key."
  },
  OVERLOADED: {
    status: 503,
    detail: "Service overloaded",
    meaning: "The server is handling as many requests as it can, so this one was not started.",
    remedy: "Try again after as many seconds as Retry-After says."
  },
  INTERNAL: {
    status: 500,
    detail: "Internal server error",
    meaning: "An error in this service. It was logged with its cause and the request id.",
    remedy: "If it persists, report it with the X-Request-Id of the response."
  }
} as const satisfies Record<string, ErrorText>

export type Code = keyof typeof failures

/** Codes in the order of the contract. */
export const codes: ReadonlyArray<Code> = Object.keys(failures).filter((code): code is Code => code in failures)

/** Name of an error: the title of its page and of its problem document, and `error` under /v1. */
export const titleOf = (code: Code): string => {
  const failure = failures[code]
  return "title" in failure ? failure.title : failure.detail
}

/** Path of the page of an error, which is also the `type` of its problem document: `/errors/rate-limited`. */
export const errorPagePath = (code: Code): `/errors/${string}` => `/errors/${code.toLowerCase().replaceAll("_", "-")}`
