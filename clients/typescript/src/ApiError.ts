import { Data, Effect, Option, Schema } from "effect"
import type { Cause } from "effect"
import type { HttpClientResponse } from "effect/http"
import { failures } from "../../../src/http/ErrorCodes.ts"
import type { Code } from "../../../src/http/ErrorCodes.ts"
import { Problem } from "../../../src/http/Errors.ts"
import { secondsToWait } from "./Retry.ts"

interface Fields {
  /** HTTP status. */
  readonly status: number
  readonly message: string
  /** `X-Request-Id` of the response; include it when you report a problem. */
  readonly requestId: string | undefined
  /** Seconds to wait before retrying, from `Retry-After`. */
  readonly retryAfter: number | undefined
  /** All problems of the request, if the status is 422. */
  readonly errors: ReadonlyArray<Problem>
  /** Body of the response. */
  readonly body: unknown
}

type ApiErrorClass<Tag extends string, C extends Code> = new (
  fields: Fields
) => Cause.YieldableError & Readonly<Fields> & { readonly _tag: Tag; readonly code: C }

const apiError = <const Tag extends string, const C extends Code>(tag: Tag, code: C): ApiErrorClass<Tag, C> =>
  class extends Data.TaggedError(tag)<Fields> {
    readonly code: C = code
  }

export class NotFound extends apiError("NotFound", "NOT_FOUND") {}
export class MethodNotAllowed extends apiError("MethodNotAllowed", "METHOD_NOT_ALLOWED") {}
export class BadRequest extends apiError("BadRequest", "BAD_REQUEST") {}
export class HeadersTooLarge extends apiError("HeadersTooLarge", "HEADERS_TOO_LARGE") {}
export class RequestTimeout extends apiError("RequestTimeout", "REQUEST_TIMEOUT") {}
export class ExpectationFailed extends apiError("ExpectationFailed", "EXPECTATION_FAILED") {}
export class Invalid extends apiError("Invalid", "VALIDATION_ERROR") {}
export class Unauthorized extends apiError("Unauthorized", "UNAUTHORIZED") {}
export class Forbidden extends apiError("Forbidden", "FORBIDDEN") {}
export class PreconditionFailed extends apiError("PreconditionFailed", "PRECONDITION_FAILED") {}
export class Conflict extends apiError("Conflict", "CONFLICT") {}
export class IdempotencyKeyReused extends apiError("IdempotencyKeyReused", "IDEMPOTENCY_KEY_REUSED") {}
export class PayloadTooLarge extends apiError("PayloadTooLarge", "PAYLOAD_TOO_LARGE") {}
export class UnsupportedMediaType extends apiError("UnsupportedMediaType", "UNSUPPORTED_MEDIA_TYPE") {}
export class RateLimited extends apiError("RateLimited", "RATE_LIMITED") {}
export class ServiceUnavailable extends apiError("ServiceUnavailable", "SERVICE_UNAVAILABLE") {}
export class Overloaded extends apiError("Overloaded", "OVERLOADED") {}
export class Internal extends apiError("Internal", "INTERNAL") {}

const classes = {
  NOT_FOUND: NotFound,
  METHOD_NOT_ALLOWED: MethodNotAllowed,
  BAD_REQUEST: BadRequest,
  HEADERS_TOO_LARGE: HeadersTooLarge,
  REQUEST_TIMEOUT: RequestTimeout,
  EXPECTATION_FAILED: ExpectationFailed,
  VALIDATION_ERROR: Invalid,
  UNAUTHORIZED: Unauthorized,
  FORBIDDEN: Forbidden,
  PRECONDITION_FAILED: PreconditionFailed,
  CONFLICT: Conflict,
  IDEMPOTENCY_KEY_REUSED: IdempotencyKeyReused,
  PAYLOAD_TOO_LARGE: PayloadTooLarge,
  UNSUPPORTED_MEDIA_TYPE: UnsupportedMediaType,
  RATE_LIMITED: RateLimited,
  SERVICE_UNAVAILABLE: ServiceUnavailable,
  OVERLOADED: Overloaded,
  INTERNAL: Internal
} as const satisfies Record<Code, unknown>

/** A response of the service with a status of 400 or more. */
export type ApiError = InstanceType<(typeof classes)[Code]>

export const isApiError = (error: unknown): error is ApiError =>
  Object.values(classes).some((Class) => error instanceof Class)

const Body = Schema.Struct({
  code: Schema.optionalKey(Schema.String),
  detail: Schema.optionalKey(Schema.String),
  errors: Schema.optionalKey(Schema.Array(Problem))
})

const isCode = (code: string): code is Code => Object.hasOwn(failures, code)

/** Code in the body, or else the first code of the status, because probes and proxies send none. */
const codeOf = (status: number, code: string | undefined): Code | undefined =>
  code !== undefined && isCode(code)
    ? code
    : Object.keys(failures)
        .filter(isCode)
        .find((code) => failures[code].status === status)

/** Error in a response; undefined if the contract has no error with its status. */
export const apiErrorOf = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<ApiError | undefined> =>
  Effect.map(Effect.option(response.json), (json) => {
    const body = Option.getOrUndefined(json)
    const { code, detail, errors = [] } = Option.getOrElse(Schema.decodeUnknownOption(Body)(body), () => Body.make({}))
    const known = codeOf(response.status, code)
    if (known === undefined) return undefined
    return new classes[known]({
      status: response.status,
      message: detail ?? failures[known].detail,
      requestId: response.headers["x-request-id"],
      retryAfter: secondsToWait(response),
      errors,
      body
    })
  })
