import { Effect, Schema } from "effect"

/** One thing that was wrong with a request: where, as a path into it (`tags[2]`), and what was wanted. */
export const Problem = Schema.Struct({ path: Schema.String, message: Schema.String })
export type Problem = typeof Problem.Type

interface Failure {
  readonly status: number
  readonly detail: string
  /** What the envelope says where that is not the detail. */
  readonly error?: string
}

/** Every failure that callers are told of, one row each (contract section 4). */
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

/** The codes of all of them. */
export const codes: ReadonlyArray<Code> = Object.keys(failures).filter((code): code is Code => code in failures)

const said = <const Detail extends string>(detail: Detail) =>
  Schema.Literal(detail).pipe(Schema.withConstructorDefault(Effect.succeed(detail)))

const publicError = ({ detail, status }: (typeof failures)[Code]) =>
  [{ detail: said(detail) }, { httpApiStatus: status }] as const

export class BadRequest extends Schema.Error<BadRequest>("BadRequest")(...publicError(failures.BAD_REQUEST)) {}
export class Unauthorized extends Schema.Error<Unauthorized>("Unauthorized")(...publicError(failures.UNAUTHORIZED)) {}
export class Forbidden extends Schema.Error<Forbidden>("Forbidden")(...publicError(failures.FORBIDDEN)) {}
export class NotFound extends Schema.Error<NotFound>("NotFound")(...publicError(failures.NOT_FOUND)) {}
export class PreconditionFailed extends Schema.Error<PreconditionFailed>("PreconditionFailed")(
  ...publicError(failures.PRECONDITION_FAILED)
) {}
export class Conflict extends Schema.Error<Conflict>("Conflict")(...publicError(failures.CONFLICT)) {}
export class PayloadTooLarge extends Schema.Error<PayloadTooLarge>("PayloadTooLarge")(
  ...publicError(failures.PAYLOAD_TOO_LARGE)
) {}
export class UnsupportedMediaType extends Schema.Error<UnsupportedMediaType>("UnsupportedMediaType")(
  ...publicError(failures.UNSUPPORTED_MEDIA_TYPE)
) {}
export class IdempotencyKeyReused extends Schema.Error<IdempotencyKeyReused>("IdempotencyKeyReused")(
  ...publicError(failures.IDEMPOTENCY_KEY_REUSED)
) {}
export class RateLimited extends Schema.Error<RateLimited>("RateLimited")(...publicError(failures.RATE_LIMITED)) {}
export class ServiceUnavailable extends Schema.Error<ServiceUnavailable>("ServiceUnavailable")(
  ...publicError(failures.SERVICE_UNAVAILABLE)
) {}
export class Internal extends Schema.Error<Internal>("Internal")(...publicError(failures.INTERNAL)) {}

/** A well-formed request that is not valid; all that is wrong with it, not only the first. */
export class Invalid extends Schema.Error<Invalid>("Invalid")(
  { detail: said(failures.VALIDATION_ERROR.detail), errors: Schema.Array(Problem) },
  { httpApiStatus: 422 }
) {}
