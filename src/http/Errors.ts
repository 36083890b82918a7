import { Effect, Schema } from "effect"
import { failures, meanings } from "./ErrorCodes.ts"
import type { Code } from "./ErrorCodes.ts"

export const Problem = Schema.Struct({
  path: Schema.String.annotate({ description: "Path in the request, such as `tags[2]`" }),
  message: Schema.String.annotate({ description: "The problem, usually the expected value" })
}).annotate({ identifier: "Problem", description: "A problem with the request" })
export type Problem = typeof Problem.Type

type ErrorHeaders = Readonly<Record<string, string>>

const detailOf = <const Detail extends string>(detail: Detail) =>
  Schema.Literal(detail).pipe(Schema.withConstructorDefault(Effect.succeed(detail)))

const annotationsOf = (code: Code) => ({ httpApiStatus: failures[code].status, description: meanings[code] })

const publicError = (code: Code) => [{ detail: detailOf(failures[code].detail) }, annotationsOf(code)] as const

export class BadRequest extends Schema.Error<BadRequest>("BadRequest")(...publicError("BAD_REQUEST")) {
  readonly code = "BAD_REQUEST"
}
export class Unauthorized extends Schema.Error<Unauthorized>("Unauthorized")(...publicError("UNAUTHORIZED")) {
  readonly code = "UNAUTHORIZED"
  readonly hint: string = "Send Authorization: Bearer with an API key"
  readonly headers: ErrorHeaders = { "www-authenticate": "Bearer" }
}

/** A rejected credential (RFC 6750, section 3.1). */
export class InvalidToken extends Unauthorized {
  override readonly hint = "This API key is malformed, unknown, expired or revoked"
  override readonly headers = { "www-authenticate": 'Bearer error="invalid_token"' }
}

/** A credential of another team; `hint` names the team it belongs to. */
export class Forbidden extends Schema.Error<Forbidden>("Forbidden")(
  { detail: detailOf(failures.FORBIDDEN.detail), hint: Schema.optionalKey(Schema.String) },
  annotationsOf("FORBIDDEN")
) {
  readonly code = "FORBIDDEN"
}
export class NotFound extends Schema.Error<NotFound>("NotFound")(...publicError("NOT_FOUND")) {
  readonly code = "NOT_FOUND"
}
export class PreconditionFailed extends Schema.Error<PreconditionFailed>("PreconditionFailed")(
  ...publicError("PRECONDITION_FAILED")
) {
  readonly code = "PRECONDITION_FAILED"
}
export class Conflict extends Schema.Error<Conflict>("Conflict")(...publicError("CONFLICT")) {
  readonly code = "CONFLICT"
  readonly param = "Idempotency-Key"
  readonly hint = "Wait until the first request with this key ends, then retry"
}
export class PayloadTooLarge extends Schema.Error<PayloadTooLarge>("PayloadTooLarge")(
  ...publicError("PAYLOAD_TOO_LARGE")
) {
  readonly code = "PAYLOAD_TOO_LARGE"
}
export class UnsupportedMediaType extends Schema.Error<UnsupportedMediaType>("UnsupportedMediaType")(
  ...publicError("UNSUPPORTED_MEDIA_TYPE")
) {
  readonly code = "UNSUPPORTED_MEDIA_TYPE"
  readonly param: string = "Content-Type"
  readonly hint: string = "Send Content-Type: application/json"
  readonly headers: ErrorHeaders = {}
}

/** An unsupported content coding, as opposed to an unsupported media type (RFC 9110, 12.5.3). */
export class UnsupportedCoding extends UnsupportedMediaType {
  override readonly param = "Content-Encoding"
  override readonly hint = "Send the body without Content-Encoding"
  override readonly headers = { "accept-encoding": "identity" }
}
export class IdempotencyKeyReused extends Schema.Error<IdempotencyKeyReused>("IdempotencyKeyReused")(
  ...publicError("IDEMPOTENCY_KEY_REUSED")
) {
  readonly code = "IDEMPOTENCY_KEY_REUSED"
  readonly param = "Idempotency-Key"
  readonly hint = "Use a new key for a new request"
}
export class RateLimited extends Schema.Error<RateLimited>("RateLimited")(...publicError("RATE_LIMITED")) {
  readonly code = "RATE_LIMITED"
  readonly hint = "Wait the number of seconds in Retry-After, then retry"
}
export class ServiceUnavailable extends Schema.Error<ServiceUnavailable>("ServiceUnavailable")(
  ...publicError("SERVICE_UNAVAILABLE")
) {
  readonly code = "SERVICE_UNAVAILABLE"
}
export class HeadersTooLarge extends Schema.Error<HeadersTooLarge>("HeadersTooLarge")(
  ...publicError("HEADERS_TOO_LARGE")
) {
  readonly code = "HEADERS_TOO_LARGE"
}

const connectionClose: ErrorHeaders = { connection: "close" }

/** A request with more header fields than Node accepts. */
export class TooManyFields extends HeadersTooLarge {
  readonly headers = connectionClose
  readonly hasDefaultShape = true
}

/** An HTTP/1.1 request without Host (RFC 9112, 3.2). */
export class MissingHost extends BadRequest {
  readonly headers = connectionClose
  readonly hasDefaultShape = true
}
export class Overloaded extends Schema.Error<Overloaded>("Overloaded")(...publicError("OVERLOADED")) {
  readonly code = "OVERLOADED"
}
export class Internal extends Schema.Error<Internal>("Internal")(...publicError("INTERNAL")) {
  readonly code = "INTERNAL"
}

/** A well-formed but invalid request, with all of its problems. */
export class Invalid extends Schema.Error<Invalid>("Invalid")(
  { detail: detailOf(failures.VALIDATION_ERROR.detail), errors: Schema.Array(Problem) },
  annotationsOf("VALIDATION_ERROR")
) {
  readonly code = "VALIDATION_ERROR"
  readonly param = this.errors[0]?.path === "" ? undefined : this.errors[0]?.path
  readonly hint = this.errors[0]?.message
}

/** A method that the path does not support; `allow` is the value of the `Allow` header. */
export class MethodNotAllowed extends Schema.Error<MethodNotAllowed>("MethodNotAllowed")(
  { detail: detailOf(failures.METHOD_NOT_ALLOWED.detail), allow: Schema.String },
  annotationsOf("METHOD_NOT_ALLOWED")
) {
  readonly code = "METHOD_NOT_ALLOWED"
  readonly hint = `This path supports ${this.allow}`
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

/** An error that callers see. */
export interface PublicError {
  readonly code: Code
  readonly errors?: ReadonlyArray<Problem>
  /** Parameter, header or field at fault. */
  readonly param?: string | undefined
  /** How to fix the request. */
  readonly hint?: string | undefined
  readonly headers?: ErrorHeaders
  /** Whether the body has the default shape under every path (contract, section 4). */
  readonly hasDefaultShape?: boolean
}

const classes = Object.values(publicErrors)

export const isPublicError = (error: unknown): error is PublicError => classes.some((Class) => error instanceof Class)
