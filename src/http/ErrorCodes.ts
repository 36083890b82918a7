interface ErrorText {
  readonly status: number
  readonly detail: string
  /** Title of the error, if it differs from the detail. */
  readonly title?: string
}

/** Status and texts of every public error, by its code (contract section 4). */
export const failures = {
  NOT_FOUND: { status: 404, detail: "Not found" },
  METHOD_NOT_ALLOWED: { status: 405, detail: "Method not allowed" },
  BAD_REQUEST: { status: 400, detail: "Malformed request" },
  HEADERS_TOO_LARGE: { status: 431, detail: "Headers too large" },
  REQUEST_TIMEOUT: { status: 408, detail: "Request timeout" },
  EXPECTATION_FAILED: { status: 417, detail: "Expectation failed" },
  VALIDATION_ERROR: { status: 422, detail: "Validation error" },
  UNAUTHORIZED: { status: 401, detail: "Not authenticated" },
  FORBIDDEN: { status: 403, detail: "Forbidden" },
  PRECONDITION_FAILED: { status: 412, detail: "Precondition failed" },
  CONFLICT: { status: 409, detail: "Conflict" },
  IDEMPOTENCY_KEY_REUSED: { status: 422, detail: "Idempotency key reused" },
  PAYLOAD_TOO_LARGE: { status: 413, detail: "Payload too large" },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, detail: "Unsupported media type" },
  RATE_LIMITED: { status: 429, detail: "Rate limit exceeded. Try again later.", title: "Rate limited" },
  SERVICE_UNAVAILABLE: { status: 503, detail: "Service unavailable" },
  OVERLOADED: { status: 503, detail: "Service overloaded" },
  INTERNAL: { status: 500, detail: "Internal server error" }
} as const satisfies Record<string, ErrorText>

export type Code = keyof typeof failures

/** Meaning of each error, for the OpenAPI document and the page of the error. */
export const meanings: Readonly<Record<Code, string>> = {
  NOT_FOUND: "The path does not exist, or the record in it does not exist or was deleted.",
  METHOD_NOT_ALLOWED: "The path exists but does not support this method.",
  BAD_REQUEST:
    "The request could not be read: its body is not JSON in UTF-8, its path cannot be decoded, or it has no Host header.",
  HEADERS_TOO_LARGE: "Request headers are limited to 16 KiB and 1000 fields in total.",
  REQUEST_TIMEOUT: "The complete request did not arrive in time: 10 seconds for its headers, 30 for all of it.",
  EXPECTATION_FAILED: "The Expect header asked for something other than 100-continue.",
  VALIDATION_ERROR: "The request could be read, but some of its values are invalid.",
  UNAUTHORIZED: "The request has no credential, or one that is unknown, revoked or expired.",
  FORBIDDEN: "The API key belongs to a different team than the one in the path.",
  PRECONDITION_FAILED: "If-Match or If-None-Match excludes the current version, so nothing changed.",
  CONFLICT: "A request with the same Idempotency-Key is still in progress, or the address belongs to another account.",
  IDEMPOTENCY_KEY_REUSED: "The Idempotency-Key was used before with a different body.",
  PAYLOAD_TOO_LARGE: "The body is longer than this service accepts. The default limit is 256 KiB.",
  UNSUPPORTED_MEDIA_TYPE: "The body is not declared as JSON, or has a content coding such as gzip.",
  RATE_LIMITED: "This address, API key or session made more requests than the limit allows in its window.",
  SERVICE_UNAVAILABLE: "A dependency did not respond, the request timed out, or the server is shutting down.",
  OVERLOADED: "The server is at capacity, so it did not start this request.",
  INTERNAL: "An error in this service. It was logged with its cause and the request id."
}

/** Codes in the order of the contract. */
export const codes: ReadonlyArray<Code> = Object.keys(failures).filter((code): code is Code => code in failures)

/** Title of an error on its page and in its problem document; `error` under /v1. */
export const titleOf = (code: Code): string => {
  const failure = failures[code]
  return "title" in failure ? failure.title : failure.detail
}

/** Path of an error's page and `type` of its problem document, such as `/errors/rate-limited`. */
export const errorPagePath = (code: Code): `/errors/${string}` => `/errors/${code.toLowerCase().replaceAll("_", "-")}`
