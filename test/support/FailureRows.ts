import { failures } from "../../src/http/ErrorCodes.ts"
import type { Code } from "../../src/http/ErrorCodes.ts"
import type { Problem } from "../../src/http/Errors.ts"
import { request } from "./RawHttp.ts"

/** A request that makes the faulty API fail. */
export interface FailureRow {
  readonly name: string
  readonly code: Code
  /** Path after the prefix of the format. */
  readonly path: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly body?: string
  readonly allow?: string
  readonly errors?: ReadonlyArray<Problem>
  readonly param?: string
  readonly hint?: string
  /** The connection ends, and the body has the default shape whatever the path; `parser` responses ignore all headers. */
  readonly refusedBy?: "parser" | "edge"
}

const declared: ReadonlyArray<Code> = [
  "BAD_REQUEST",
  "UNAUTHORIZED",
  "FORBIDDEN",
  "NOT_FOUND",
  "CONFLICT",
  "PRECONDITION_FAILED",
  "PAYLOAD_TOO_LARGE",
  "UNSUPPORTED_MEDIA_TYPE",
  "IDEMPOTENCY_KEY_REUSED",
  "RATE_LIMITED",
  "SERVICE_UNAVAILABLE",
  "INTERNAL"
]

const unnamed = { param: "Content-Type", hint: "Send Content-Type: application/json" }

/** `param` and `hint` of errors that always have them. */
const helpOf: Partial<Record<Code, Pick<FailureRow, "param" | "hint">>> = {
  UNAUTHORIZED: { hint: "Send Authorization: Bearer with an API key" },
  CONFLICT: { param: "Idempotency-Key", hint: "Wait until the first request with this key ends, then retry" },
  RATE_LIMITED: { hint: "Wait the number of seconds in Retry-After, then retry" },
  IDEMPOTENCY_KEY_REUSED: { param: "Idempotency-Key", hint: "Use a new key for a new request" },
  UNSUPPORTED_MEDIA_TYPE: unnamed
}

const report = { path: "/reports", method: "POST" }
const missing = ["title", "content", "rating"].map((path) => ({ path, message: "Required" }))

const allowing = (allow: string) => ({ allow, hint: `This path supports ${allow}` })

/** Every status of contract section 4 except timeouts, from every part of the service that produces it. */
export const failureRows: ReadonlyArray<FailureRow> = [
  ...declared.map((code) => ({ name: `declared ${code}`, code, path: `/declared/${code}`, ...helpOf[code] })),
  {
    name: "declared VALIDATION_ERROR",
    code: "VALIDATION_ERROR",
    path: "/declared/VALIDATION_ERROR",
    errors: [{ path: "tags[2]", message: "Expected a string" }],
    param: "tags[2]",
    hint: "Expected a string"
  },
  { name: "no such route", code: "NOT_FOUND", path: "/nothing" },
  {
    name: "wrong method",
    code: "METHOD_NOT_ALLOWED",
    path: "/probe",
    method: "DELETE",
    ...allowing("GET, HEAD, OPTIONS")
  },
  { name: "TRACE", code: "METHOD_NOT_ALLOWED", path: "/reports", method: "TRACE", ...allowing("POST, OPTIONS") },
  { name: "undecodable path", code: "BAD_REQUEST", path: "/%ff" },
  { name: "no Host", code: "BAD_REQUEST", path: "/probe", headers: { Host: undefined }, refusedBy: "edge" },
  { name: "two Hosts", code: "BAD_REQUEST", path: "/probe", headers: { host: "other" } },
  { name: "malformed JSON", code: "BAD_REQUEST", ...report, body: "{" },
  {
    name: "not valid",
    code: "VALIDATION_ERROR",
    ...report,
    body: "{}",
    errors: missing,
    param: "title",
    hint: "Required"
  },
  {
    name: "not JSON",
    code: "UNSUPPORTED_MEDIA_TYPE",
    ...report,
    body: "x",
    headers: { "Content-Type": "text/xml" },
    ...unnamed
  },
  {
    name: "unnamed",
    code: "UNSUPPORTED_MEDIA_TYPE",
    ...report,
    body: "{}",
    headers: { "Content-Type": undefined },
    ...unnamed
  },
  { name: "too long a body", code: "PAYLOAD_TOO_LARGE", ...report, body: `"${"a".repeat(1024)}"` },
  { name: "defect", code: "INTERNAL", path: "/defect" },
  { name: "misfit response", code: "INTERNAL", path: "/misfit" },
  { name: "plain text of a handler", code: "INTERNAL", path: "/plain" },
  { name: "database away", code: "SERVICE_UNAVAILABLE", path: "/database" },
  {
    name: "control character",
    code: "BAD_REQUEST",
    path: "/probe",
    headers: { "X-Odd": "a\u0001b" },
    refusedBy: "parser"
  },
  {
    name: "unknown Expect",
    code: "EXPECTATION_FAILED",
    path: "/probe",
    headers: { Expect: "more" },
    refusedBy: "parser"
  },
  {
    name: "headers too large",
    code: "HEADERS_TOO_LARGE",
    path: "/probe",
    headers: { "X-Long": "a".repeat(16_384) },
    refusedBy: "parser"
  }
]

/** The three error formats: path prefix and Accept header. */
export const dialects = [
  { dialect: "default", prefix: "/faulty", accept: undefined },
  { dialect: "v1", prefix: "/v1/faulty", accept: undefined },
  { dialect: "problem", prefix: "/v1/faulty", accept: "application/problem+json" }
] as const

export type Dialect = (typeof dialects)[number]

export const listedOrigin = "http://localhost:5173"

/** The bytes of a row's request; `X-Request-Id` is `test-123`. */
export const requestOf = (
  { body, headers, method, path }: FailureRow,
  { accept, prefix }: Dialect,
  { keepAlive, origin }: { readonly keepAlive: boolean; readonly origin: string | undefined }
): string =>
  request(`${prefix}${path}?secret=1`, {
    ...(method === undefined ? {} : { method }),
    ...(body === undefined ? {} : { body }),
    keepAlive,
    headers: { "X-Request-Id": "test-123", Accept: accept, Origin: origin, ...headers }
  })

/** The body that contract section 4 gives a row. */
export const expectedBody = (
  { code, errors, hint, param, path, refusedBy }: FailureRow,
  { dialect, prefix }: Dialect,
  requestId: string
) => {
  const { detail, status } = failures[code]
  const listed = errors === undefined ? {} : { errors }
  if (dialect === "default" || refusedBy !== undefined) return { detail, ...listed }
  const type = `/errors/${code.toLowerCase().replaceAll("_", "-")}`
  if (dialect === "v1") {
    const help = { ...(param === undefined ? {} : { param }), ...(hint === undefined ? {} : { hint }) }
    const details = { request_id: requestId, doc_url: type, ...help, ...listed }
    return { error: code === "RATE_LIMITED" ? "Rate limited" : detail, code, details }
  }
  const about = { type, status, detail, instance: prefix + path, code, request_id: requestId }
  return { ...about, ...listed }
}
