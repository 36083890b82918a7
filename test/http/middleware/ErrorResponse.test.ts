import { assert, describe, it } from "@effect/vitest"
import { failures } from "../../../src/http/ErrorCodes.ts"
import type { Code } from "../../../src/http/ErrorCodes.ts"
import { Invalid, InvalidToken, MethodNotAllowed, Unauthorized, UnsupportedCoding } from "../../../src/http/Errors.ts"
import { errorBody, errorResponse } from "../../../src/http/middleware/ErrorResponse.ts"

/** Contract section 4, row by row. */
const rows: ReadonlyArray<readonly [Code, number, string, string, string]> = [
  ["NOT_FOUND", 404, "Not found", "Not found", "/errors/not-found"],
  ["METHOD_NOT_ALLOWED", 405, "Method not allowed", "Method not allowed", "/errors/method-not-allowed"],
  ["BAD_REQUEST", 400, "Malformed request", "Malformed request", "/errors/bad-request"],
  ["HEADERS_TOO_LARGE", 431, "Headers too large", "Headers too large", "/errors/headers-too-large"],
  ["REQUEST_TIMEOUT", 408, "Request timeout", "Request timeout", "/errors/request-timeout"],
  ["EXPECTATION_FAILED", 417, "Expectation failed", "Expectation failed", "/errors/expectation-failed"],
  ["VALIDATION_ERROR", 422, "Validation error", "Validation error", "/errors/validation-error"],
  ["UNAUTHORIZED", 401, "Not authenticated", "Not authenticated", "/errors/unauthorized"],
  ["FORBIDDEN", 403, "Forbidden", "Forbidden", "/errors/forbidden"],
  ["PRECONDITION_FAILED", 412, "Precondition failed", "Precondition failed", "/errors/precondition-failed"],
  ["CONFLICT", 409, "Conflict", "Conflict", "/errors/conflict"],
  ["IDEMPOTENCY_KEY_REUSED", 422, "Idempotency key reused", "Idempotency key reused", "/errors/idempotency-key-reused"],
  ["PAYLOAD_TOO_LARGE", 413, "Payload too large", "Payload too large", "/errors/payload-too-large"],
  ["UNSUPPORTED_MEDIA_TYPE", 415, "Unsupported media type", "Unsupported media type", "/errors/unsupported-media-type"],
  ["RATE_LIMITED", 429, "Rate limit exceeded. Try again later.", "Rate limited", "/errors/rate-limited"],
  ["SERVICE_UNAVAILABLE", 503, "Service unavailable", "Service unavailable", "/errors/service-unavailable"],
  ["OVERLOADED", 503, "Service overloaded", "Service overloaded", "/errors/overloaded"],
  ["INTERNAL", 500, "Internal server error", "Internal server error", "/errors/internal"]
]

const occurrence = { id: "test-123", path: "/v1/teams" }
const errors = [{ path: "tags[2]", message: "Expected a string" }]
const about = {
  request_id: "test-123",
  doc_url: "/errors/validation-error",
  param: "tags[2]",
  hint: "Expected a string"
}

describe("an error body", () => {
  it("exists for every code of the contract and no other", () => {
    assert.sameMembers(
      Object.keys(failures),
      rows.map(([code]) => code)
    )
  })

  it.each(rows)("has only its detail in the default format: %s", (code, status, detail) => {
    assert.strictEqual(failures[code].status, status)
    assert.deepStrictEqual(errorBody("detail", { code }, occurrence), { detail })
  })

  it.each(rows)("is an envelope under /v1: %s", (code, _, __, error, doc_url) => {
    const details = { request_id: "test-123", doc_url }
    assert.deepStrictEqual(errorBody("envelope", { code }, occurrence), { error, code, details })
  })

  it("names the trace only in a problem document, if there is one", () => {
    const traced = { ...occurrence, traceId: "4bf92f3577b34da6a3ce929d0e0e4736" }
    const traceIds = (["problem", "detail", "envelope"] as const).map(
      (rendering) => Object(errorBody(rendering, { code: "INTERNAL" }, traced)).trace_id
    )
    assert.deepStrictEqual(traceIds, [traced.traceId, undefined, undefined])
  })

  it.each(rows)("follows RFC 9457 as a problem document: %s", (code, status, detail, title, type) => {
    assert.deepStrictEqual(errorBody("problem", { code }, occurrence), {
      type,
      title,
      status,
      detail,
      instance: "/v1/teams",
      code,
      request_id: "test-123"
    })
  })

  it.each([
    ["detail", { detail: "Validation error", errors }],
    ["envelope", { error: "Validation error", code: "VALIDATION_ERROR", details: { ...about, errors } }]
  ] as const)("lists the problems: %s", (rendering, expected) => {
    assert.deepStrictEqual(errorBody(rendering, new Invalid({ errors }), occurrence), expected)
  })

  it("lists the problems in a problem document", () => {
    assert.deepPropertyVal(errorBody("problem", new Invalid({ errors }), occurrence), "errors", errors)
  })
})

describe("an error response", () => {
  it.each([
    ["detail", 422, "application/json"],
    ["envelope", 422, "application/json"],
    ["problem", 422, "application/problem+json"]
  ] as const)("has the content type of its format: %s", (dialect, status, contentType) => {
    const response = errorResponse(dialect, new Invalid({ errors }), occurrence)
    assert.strictEqual(response.status, status)
    assert.strictEqual(response.headers["content-type"], contentType)
  })

  it.each([
    [new MethodNotAllowed({ allow: "GET" }), "allow", "GET"],
    [new Unauthorized(), "www-authenticate", "Bearer"],
    [new InvalidToken(), "www-authenticate", 'Bearer error="invalid_token"'],
    [new UnsupportedCoding(), "accept-encoding", "identity"]
  ] as const)("has the headers of its error: $code", (error, name, value) => {
    assert.strictEqual(errorResponse("detail", error, occurrence).headers[name], value)
  })
})
