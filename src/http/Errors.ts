import { Effect, Schema } from "effect"

/** One problem of a request: its path, such as `tags[2]`, and what was expected. */
export const Problem = Schema.Struct({ path: Schema.String, message: Schema.String })
export type Problem = typeof Problem.Type

interface Failure {
  readonly status: number
  readonly detail: string
  /** Message in the envelope, if it differs from the detail. */
  readonly error?: string
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
  RATE_LIMITED: { status: 429, detail: "Rate limit exceeded. Try again later.", error: "Rate limited" },
  SERVICE_UNAVAILABLE: { status: 503, detail: "Service unavailable" },
  OVERLOADED: { status: 503, detail: "Service overloaded" },
  INTERNAL: { status: 500, detail: "Internal server error" }
} as const satisfies Record<string, Failure>

export type Code = keyof typeof failures

/** Codes in the order of the contract. */
export const codes: ReadonlyArray<Code> = Object.keys(failures).filter((code): code is Code => code in failures)

type ErrorHeaders = Readonly<Record<string, string>>

const detailOf = <const Detail extends string>(detail: Detail) =>
  Schema.Literal(detail).pipe(Schema.withConstructorDefault(Effect.succeed(detail)))

const publicError = ({ detail, status }: (typeof failures)[Code]) =>
  [{ detail: detailOf(detail) }, { httpApiStatus: status }] as const

export class BadRequest extends Schema.Error<BadRequest>("BadRequest")(...publicError(failures.BAD_REQUEST)) {
  readonly code = "BAD_REQUEST"
}
export class Unauthorized extends Schema.Error<Unauthorized>("Unauthorized")(...publicError(failures.UNAUTHORIZED)) {
  readonly code = "UNAUTHORIZED"
  readonly headers: ErrorHeaders = { "www-authenticate": "Bearer" }
}

/** A rejected credential (RFC 6750, section 3.1). */
export class InvalidToken extends Unauthorized {
  override readonly headers = { "www-authenticate": 'Bearer error="invalid_token"' }
}
export class Forbidden extends Schema.Error<Forbidden>("Forbidden")(...publicError(failures.FORBIDDEN)) {
  readonly code = "FORBIDDEN"
}
export class NotFound extends Schema.Error<NotFound>("NotFound")(...publicError(failures.NOT_FOUND)) {
  readonly code = "NOT_FOUND"
}
export class PreconditionFailed extends Schema.Error<PreconditionFailed>("PreconditionFailed")(
  ...publicError(failures.PRECONDITION_FAILED)
) {
  readonly code = "PRECONDITION_FAILED"
}
export class Conflict extends Schema.Error<Conflict>("Conflict")(...publicError(failures.CONFLICT)) {
  readonly code = "CONFLICT"
}
export class PayloadTooLarge extends Schema.Error<PayloadTooLarge>("PayloadTooLarge")(
  ...publicError(failures.PAYLOAD_TOO_LARGE)
) {
  readonly code = "PAYLOAD_TOO_LARGE"
}
export class UnsupportedMediaType extends Schema.Error<UnsupportedMediaType>("UnsupportedMediaType")(
  ...publicError(failures.UNSUPPORTED_MEDIA_TYPE)
) {
  readonly code = "UNSUPPORTED_MEDIA_TYPE"
  readonly headers: ErrorHeaders = {}
}

/** An unsupported content coding, as opposed to an unsupported media type (RFC 9110, 12.5.3). */
export class UnsupportedCoding extends UnsupportedMediaType {
  override readonly headers = { "accept-encoding": "identity" }
}
export class IdempotencyKeyReused extends Schema.Error<IdempotencyKeyReused>("IdempotencyKeyReused")(
  ...publicError(failures.IDEMPOTENCY_KEY_REUSED)
) {
  readonly code = "IDEMPOTENCY_KEY_REUSED"
}
export class RateLimited extends Schema.Error<RateLimited>("RateLimited")(...publicError(failures.RATE_LIMITED)) {
  readonly code = "RATE_LIMITED"
}
export class ServiceUnavailable extends Schema.Error<ServiceUnavailable>("ServiceUnavailable")(
  ...publicError(failures.SERVICE_UNAVAILABLE)
) {
  readonly code = "SERVICE_UNAVAILABLE"
}
export class HeadersTooLarge extends Schema.Error<HeadersTooLarge>("HeadersTooLarge")(
  ...publicError(failures.HEADERS_TOO_LARGE)
) {
  readonly code = "HEADERS_TOO_LARGE"
}

/** Header of a response after which the connection closes. */
const closing: ErrorHeaders = { connection: "close" }

/** A request with more header fields than Node reads. */
export class TooManyFields extends HeadersTooLarge {
  readonly headers = closing
  readonly hasDefaultShape = true
}

/** An HTTP/1.1 request without Host (RFC 9112, 3.2). */
export class MissingHost extends BadRequest {
  readonly headers = closing
  readonly hasDefaultShape = true
}
export class Overloaded extends Schema.Error<Overloaded>("Overloaded")(...publicError(failures.OVERLOADED)) {
  readonly code = "OVERLOADED"
}
export class Internal extends Schema.Error<Internal>("Internal")(...publicError(failures.INTERNAL)) {
  readonly code = "INTERNAL"
}

/** A well-formed but invalid request, with all of its problems. */
export class Invalid extends Schema.Error<Invalid>("Invalid")(
  { detail: detailOf(failures.VALIDATION_ERROR.detail), errors: Schema.Array(Problem) },
  { httpApiStatus: failures.VALIDATION_ERROR.status }
) {
  readonly code = "VALIDATION_ERROR"
}

/** A method that the path does not support; `allow` is the value of the `Allow` header. */
export class MethodNotAllowed extends Schema.Error<MethodNotAllowed>("MethodNotAllowed")(
  { detail: detailOf(failures.METHOD_NOT_ALLOWED.detail), allow: Schema.String },
  { httpApiStatus: failures.METHOD_NOT_ALLOWED.status }
) {
  readonly code = "METHOD_NOT_ALLOWED"
  readonly headers: ErrorHeaders = { allow: this.allow }
}

/** Classes of public errors by code; errors of Node's parser have none (ParserErrors.ts). */
export const publicErrors = {
  BAD_REQUEST: BadRequest,
  UNAUTHORIZED: Unauthorized,
  FORBIDDEN: Forbidden,
  NOT_FOUND: NotFound,
  PRECONDITION_FAILED: PreconditionFailed,
  CONFLICT: Conflict,
  PAYLOAD_TOO_LARGE: PayloadTooLarge,
  UNSUPPORTED_MEDIA_TYPE: UnsupportedMediaType,
  IDEMPOTENCY_KEY_REUSED: IdempotencyKeyReused,
  RATE_LIMITED: RateLimited,
  SERVICE_UNAVAILABLE: ServiceUnavailable,
  HEADERS_TOO_LARGE: HeadersTooLarge,
  OVERLOADED: Overloaded,
  INTERNAL: Internal,
  VALIDATION_ERROR: Invalid,
  METHOD_NOT_ALLOWED: MethodNotAllowed
} as const satisfies Partial<Record<Code, unknown>>

/** An error with a code of the taxonomy, and additions for its response. */
export interface PublicError {
  readonly code: Code
  readonly errors?: ReadonlyArray<Problem>
  readonly headers?: ErrorHeaders
  /** Whether the body has the default shape under every path (contract, section 4). */
  readonly hasDefaultShape?: boolean
}

const classes = Object.values(publicErrors)

export const isPublicError = (error: unknown): error is PublicError => classes.some((Class) => error instanceof Class)
