import { Data, Effect, Option, Predicate, Schema, SchemaIssue } from "effect"
import type { Cause } from "effect"
import { HttpClientError } from "effect/http"
import type { HttpClientResponse } from "effect/http"
import { failures } from "../../../src/http/ErrorCodes.ts"
import type { Code } from "../../../src/http/ErrorCodes.ts"
import { Problem } from "../../../src/http/Errors.ts"
import { secondsToWait } from "./Retry.ts"

interface Fields {
  /** HTTP status. Input that is invalid and was not sent also has 422. */
  readonly status: number
  readonly message: string
  /** `X-Request-Id` of the response; include it when you report a problem. */
  readonly requestId: string | undefined
  /** Seconds to wait before retrying, from `Retry-After`. */
  readonly retryAfter: number | undefined
  /** All problems of the request; empty unless the status is 422. */
  readonly errors: ReadonlyArray<{ readonly path: string; readonly message: string }>
  /** Parameter, header or field at fault, if the service names one. */
  readonly param: string | undefined
  /** How to fix the request, for people; the wording may change. */
  readonly hint: string | undefined
  /** Page that explains the code. */
  readonly docUrl: string | undefined
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

/** An error response of the service, or input that the service would reject with 422. */
export type ApiError = InstanceType<(typeof classes)[Code]>

export const isApiError = (error: unknown): error is ApiError =>
  Object.values(classes).some((Class) => error instanceof Class)

const text = Schema.optionalKey(Schema.String)
const errors = Schema.optionalKey(Schema.Array(Problem))

/** All three shapes of an error (contract section 4). */
const Body = Schema.Struct({
  code: text,
  detail: text,
  type: text,
  errors,
  details: Schema.optionalKey(Schema.Struct({ doc_url: text, hint: text, param: text, errors }))
})

/** Resolves the URL of an error page, which is relative to the service. */
const absolute = (url: string | undefined, { request }: HttpClientResponse.HttpClientResponse): string | undefined =>
  url === undefined || !URL.canParse(url, request.url) ? undefined : new URL(url, request.url).href

const isCode = (code: string): code is Code => Object.hasOwn(failures, code)

/** Returns the code in the body, or else the first code with this status, because probes and proxies send no code. */
const codeOf = (status: number, code: string | undefined): Code | undefined =>
  code !== undefined && isCode(code)
    ? code
    : Object.keys(failures)
        .filter(isCode)
        .find((code) => failures[code].status === status)

/**
 * Returns the error in a response; undefined if no error of the contract has its status.
 *
 * @internal
 */
export const apiErrorOf = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<ApiError | undefined> =>
  Effect.map(Effect.option(response.json), (json) => {
    const body = Option.getOrUndefined(json)
    const decoded = Option.getOrElse(Schema.decodeUnknownOption(Body)(body), () => Body.make({}))
    const { code, detail, details = {}, errors = details.errors ?? [], type } = decoded
    const known = codeOf(response.status, code)
    if (known === undefined) return undefined
    return new classes[known]({
      status: response.status,
      message: detail ?? failures[known].detail,
      requestId: response.headers["x-request-id"],
      retryAfter: secondsToWait(response),
      errors,
      param: details.param,
      hint: details.hint,
      docUrl: absolute(details.doc_url ?? type, response),
      body
    })
  })

/**
 * Replaces an error response with the `ApiError` that it contains.
 *
 * @internal
 */
export const toApiError = <E>(error: E): Effect.Effect<never, ApiError | E> =>
  HttpClientError.isHttpClientError(error) && error.reason._tag === "StatusCodeError"
    ? Effect.flatMap(apiErrorOf(error.reason.response), (known) => Effect.fail(known ?? error))
    : Effect.fail(error)

const format = SchemaIssue.makeFormatterStandardSchemaV1()

/**
 * Returns the error of input that does not match the contract and is therefore not sent.
 *
 * @internal
 */
export const invalidInput = ({ issue }: Schema.SchemaError): Invalid => {
  const errors = format(issue).issues.map(({ message, path = [] }) => {
    const keys = path.map((segment) => String(Predicate.isObject(segment) ? segment.key : segment))
    return { path: keys.join(".").replaceAll(/\.(\d+)/gu, "[$1]"), message }
  })
  return new Invalid({
    status: failures.VALIDATION_ERROR.status,
    message: failures.VALIDATION_ERROR.detail,
    requestId: undefined,
    retryAfter: undefined,
    errors,
    param: errors[0]?.path,
    hint: undefined,
    docUrl: undefined,
    body: undefined
  })
}
