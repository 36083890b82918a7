import { failures } from "../Errors.ts"
import type { Code, Problem } from "../Errors.ts"
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
}

export interface ErrorBody {
  readonly contentType: string
  readonly body: string
}

/** The phrases of RFC 9110 and its extensions, as `about:blank` wants them for a title. */
const titles: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  417: "Expectation Failed",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable"
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
  // Until each failure has a page, `about:blank` says that the status tells all (RFC 9457, 4.2.1).
  problem: ({ code, errors }, { path, requestId }) => ({
    type: "about:blank",
    title: titles[failures[code].status],
    status: failures[code].status,
    detail: failures[code].detail,
    instance: path,
    code,
    request_id: requestId,
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
