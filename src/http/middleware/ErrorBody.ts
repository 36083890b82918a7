import { failures } from "../Errors.ts"
import type { Code, Problem } from "../Errors.ts"
import { errorPagePath, explanations } from "../Explanations.ts"
import type { Rendering } from "./Negotiation.ts"

/** A failure on its way to a caller. */
export interface Failed {
  readonly code: Code
  /** Everything that was wrong, where the failure is about that. */
  readonly errors?: ReadonlyArray<Problem> | undefined
  /** The methods that the path knows, where the failure is about that. */
  readonly allow?: string | undefined
}

/** What of the request a problem document names. */
export interface Occurrence {
  readonly requestId: string
  /** The path that was asked for, without its query. */
  readonly path: string
  /** Where requests are traced. */
  readonly traceId?: string | undefined
}

export interface ErrorBody {
  readonly contentType: string
  readonly body: string
}

const renderings: Record<Rendering, (failed: Failed, occurrence: Occurrence) => object> = {
  detail: ({ code, errors }) => ({ detail: failures[code].detail, ...(errors === undefined ? {} : { errors }) }),
  envelope: ({ code, errors }) => {
    const failure = failures[code]
    return {
      error: "error" in failure ? failure.error : failure.detail,
      code,
      details: errors === undefined ? {} : { errors }
    }
  },
  problem: ({ code, errors }, { path, requestId, traceId }) => ({
    // A reference is resolved against the request's own URL (RFC 9457, 3.1.1), so the page is of this very service.
    type: errorPagePath(code),
    title: explanations[code].title,
    status: failures[code].status,
    detail: failures[code].detail,
    instance: path,
    code,
    request_id: requestId,
    ...(traceId === undefined ? {} : { trace_id: traceId }),
    ...(errors === undefined ? {} : { errors })
  })
}

/** A failure in one of its three shapes (contract section 4). */
export const errorBody = (rendering: Rendering, failed: Failed, occurrence: Occurrence): ErrorBody => ({
  contentType: rendering === "problem" ? "application/problem+json" : "application/json",
  body: JSON.stringify(renderings[rendering](failed, occurrence))
})

/** Seconds until it is worth to try again, where a failure is one that passes by itself. */
export const retryAfterOf = (status: number): string | undefined => (status === 503 ? "1" : undefined)
