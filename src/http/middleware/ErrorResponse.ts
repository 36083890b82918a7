import { HttpServerResponse } from "effect/http"
import { failures } from "../Errors.ts"
import type { PublicError } from "../Errors.ts"
import { errorPagePath, explanations } from "../docs/Explanations.ts"
import type { Dialect } from "./Negotiation.ts"

/** Request data that a problem document contains. */
export interface Occurrence {
  readonly id: string
  /** Path of the request, without its query. */
  readonly path: string
  readonly traceId?: string | undefined
}

const bodies: Record<Dialect, (error: PublicError, occurrence: Occurrence) => object> = {
  detail: ({ code, errors }) => ({ detail: failures[code].detail, ...(errors === undefined ? {} : { errors }) }),
  envelope: ({ code, errors }) => {
    const failure = failures[code]
    return {
      error: "error" in failure ? failure.error : failure.detail,
      code,
      details: errors === undefined ? {} : { errors }
    }
  },
  problem: ({ code, errors }, { id, path, traceId }) => ({
    // A reference is resolved against the request's own URL (RFC 9457, 3.1.1), so the page is on this service.
    type: errorPagePath(code),
    title: explanations[code].title,
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

/** Response to a request that failed. */
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
