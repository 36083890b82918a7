import type { Code } from "../Errors.ts"

/** What a failure means to a caller, in words for people. */
export interface Explanation {
  /** The summary of the problem's type (RFC 9457, 3.1.3). */
  readonly title: string
  readonly meaning: string
  /** What the caller can do. */
  readonly remedy: string
}

/** Every failure as its page tells it, and the OpenAPI document. */
export const explanations: Readonly<Record<Code, Explanation>> = {
  NOT_FOUND: {
    title: "Not found",
    meaning: "Nothing is served under this path, or the record that it names does not exist or was deleted.",
    remedy: "Check the path: case counts, and so do doubled and trailing slashes. A deleted post can be restored."
  },
  METHOD_NOT_ALLOWED: {
    title: "Method not allowed",
    meaning: "The path exists, but does not know the method.",
    remedy: "Use one of the methods that the Allow header of the response lists."
  },
  BAD_REQUEST: {
    title: "Malformed request",
    meaning:
      "The request could not be read: a body that is not JSON or not UTF-8, a path that cannot be decoded, no Host header.",
    remedy: "Fix the request; sending it again unchanged will fail."
  },
  HEADERS_TOO_LARGE: {
    title: "Headers too large",
    meaning: "Request headers are limited to 16 KiB and 1000 fields in total.",
    remedy: "Send fewer or shorter headers; cookies are the usual cause."
  },
  REQUEST_TIMEOUT: {
    title: "Request timeout",
    meaning: "The request did not arrive whole in time: 10 seconds for its headers, 30 for all of it.",
    remedy: "Try again over a better connection, or with a smaller body."
  },
  EXPECTATION_FAILED: {
    title: "Expectation failed",
    meaning: "The Expect header asked for something else than 100-continue.",
    remedy: "Leave the header out."
  },
  VALIDATION_ERROR: {
    title: "Validation error",
    meaning: "The request could be read, but some of its values are not as they have to be.",
    remedy: "The list of errors has up to 100 problems, each with its path, such as tags[2], and what was expected."
  },
  UNAUTHORIZED: {
    title: "Not authenticated",
    meaning: "The request came without a credential, or with one that is unknown, revoked or expired.",
    remedy: "Send Authorization: Bearer, with an API key under /v1/teams and with a token of the user under /api/v1/me."
  },
  FORBIDDEN: {
    title: "Forbidden",
    meaning: "The API key is of another team than the path.",
    remedy: "Use the path of the key's own team, or a key of the path's team."
  },
  PRECONDITION_FAILED: {
    title: "Precondition failed",
    meaning: "If-Match or If-None-Match excludes the current version, so nothing was done.",
    remedy: "Get the current version and its ETag, then decide again."
  },
  CONFLICT: {
    title: "Conflict",
    meaning: "A request with the same Idempotency-Key is still being handled.",
    remedy: "Try the same request again in a moment; it then answers what the first one did."
  },
  IDEMPOTENCY_KEY_REUSED: {
    title: "Idempotency key reused",
    meaning: "The Idempotency-Key was used before, with another body.",
    remedy: "Use a new key for a new request, and the same key only to repeat the same request."
  },
  PAYLOAD_TOO_LARGE: {
    title: "Payload too large",
    meaning: "The body is longer than this service takes, which is 256 KiB unless it is configured otherwise.",
    remedy: "Send less."
  },
  UNSUPPORTED_MEDIA_TYPE: {
    title: "Unsupported media type",
    meaning: "The body is not declared as JSON, or has a content coding such as gzip.",
    remedy: "Send Content-Type: application/json, and JSON without Content-Encoding."
  },
  RATE_LIMITED: {
    title: "Rate limited",
    meaning: "More requests came from this address, or with this API key, than the limit admits in its window.",
    remedy:
      "Wait for as many seconds as Retry-After says; refused requests cost nothing. GET /v1/limits tells what is left."
  },
  SERVICE_UNAVAILABLE: {
    title: "Service unavailable",
    meaning:
      "Something that this service depends on did not answer, or the request took longer than it may, or than a service that ends can wait.",
    remedy: "Try again after as many seconds as Retry-After says; to write safely, with an Idempotency-Key."
  },
  OVERLOADED: {
    title: "Service overloaded",
    meaning: "More requests are being handled than this service takes at once, so this one was not begun.",
    remedy: "Try again after as many seconds as Retry-After says."
  },
  INTERNAL: {
    title: "Internal server error",
    meaning: "A fault of this service. It was logged with its cause, under the id of the request.",
    remedy: "If it stays, report it with the X-Request-Id of the response."
  }
}

/** Where the page of a failure is, which is also the `type` of its problem document: `/errors/rate-limited`. */
export const errorPagePath = (code: Code): `/errors/${string}` => `/errors/${code.toLowerCase().replaceAll("_", "-")}`
