import { Schema } from "effect"
import { HttpServerResponse } from "effect/http"
import { codes, errorPagePath, failures, titleOf } from "../ErrorCodes.ts"
import { Problem } from "../Errors.ts"
import type { PublicError } from "../Errors.ts"
import type { Dialect } from "./Negotiation.ts"

const problems = Schema.optionalKey(
  Schema.Array(Problem).annotate({ description: "All problems of the request, at most 100; only on 422" })
)

/** Body of an error outside of /v1 (contract section 4). */
export const ApiError = Schema.Struct({
  detail: Schema.String.annotate({ description: "Error message; the same for every error of a kind" }),
  errors: problems
}).annotate({ identifier: "ApiError", description: "An error outside of /v1" })

/** Body of an error under /v1 (contract section 4). */
export const ApiErrorV1 = Schema.Struct({
  error: Schema.String.annotate({ description: "Error message; the same for every error with this code" }),
  code: Schema.Literals(codes).annotate({ description: "Error code, for programs" }),
  details: Schema.Struct({
    request_id: Schema.String.annotate({ description: "Value of X-Request-Id; include it when you report a problem" }),
    doc_url: Schema.String.annotate({ description: "Page that explains the code, relative to the server" }),
    param: Schema.optionalKey(
      Schema.String.annotate({ description: "Parameter, header or field at fault; the first if there are several" })
    ),
    hint: Schema.optionalKey(
      Schema.String.annotate({ description: "How to fix the request, for people; the wording may change" })
    ),
    errors: problems
  }).annotate({ description: "Details of this error" })
}).annotate({ identifier: "ApiErrorV1", description: "An error under /v1" })

export interface Occurrence {
  readonly id: string
  /** Path of the request, without its query. */
  readonly path: string
  readonly traceId?: string | undefined
}

const bodies: Record<Dialect, (error: PublicError, occurrence: Occurrence) => object> = {
  detail: ({ code, errors }): typeof ApiError.Encoded => ({
    detail: failures[code].detail,
    ...(errors === undefined ? {} : { errors })
  }),
  envelope: ({ code, errors, hint, param }, { id }): typeof ApiErrorV1.Encoded => ({
    error: titleOf(code),
    code,
    details: {
      request_id: id,
      doc_url: errorPagePath(code),
      ...(param === undefined ? {} : { param }),
      ...(hint === undefined ? {} : { hint }),
      ...(errors === undefined ? {} : { errors })
    }
  }),
  problem: ({ code, errors }, { id, path, traceId }) => ({
    // Clients resolve it against the URL of the request (RFC 9457, 3.1.1), which leads to a page of this service.
    type: errorPagePath(code),
    title: titleOf(code),
    status: failures[code].status,
    detail: failures[code].detail,
    instance: path,
    code,
    request_id: id,
    ...(traceId === undefined ? {} : { trace_id: traceId }),
    ...(errors === undefined ? {} : { errors })
  })
}

/** Body of a public error in one of its three shapes (contract section 4). */
export const errorBody = (dialect: Dialect, error: PublicError, occurrence: Occurrence): object =>
  bodies[dialect](error, occurrence)

export const contentTypeOf = (dialect: Dialect): string =>
  dialect === "problem" ? "application/problem+json" : "application/json"

export const errorResponse = (
  dialect: Dialect,
  error: PublicError,
  occurrence: Occurrence
): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.jsonUnsafe(errorBody(dialect, error, occurrence), {
    status: failures[error.code].status,
    contentType: contentTypeOf(dialect),
    ...(error.headers === undefined ? {} : { headers: error.headers })
  })
