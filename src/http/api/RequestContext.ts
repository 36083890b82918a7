import { Context, MutableRef } from "effect"
import type { Tracer } from "effect"
import { Headers } from "effect/http"
import type { Caller, KeyFault } from "../../domain/ApiKey.ts"
import type { Decision } from "../../domain/RateLimit.ts"

/** Results of middleware, for the response headers, log line, metrics and span of a request. */
export interface Report {
  /** Path template of the matched route. Never the raw path, because callers can send any number of paths. */
  readonly route: string
  readonly isProbe: boolean
  /** Owner of the API key, if a valid one was sent. */
  readonly caller?: Caller | undefined
  /** Reason for rejecting the API key that was sent. */
  readonly keyFault?: KeyFault | undefined
  /** Decision of the rate limit that was applied last. */
  readonly limit?: Decision | undefined
  /** Undefined if the request is not traced. */
  readonly span?: Tracer.Span | undefined
}

/** Report of a request that no route has matched. */
export const unmatched: Report = { route: "unmatched", isProbe: false }

/** Facts about a request that are known before it is routed. */
export interface RequestFacts {
  /** `X-Request-Id` of the request if it is valid, otherwise a new UUID. */
  readonly id: string
  /** Arrival, in milliseconds of `performance.now()`. */
  readonly startedAt: number
  readonly method: string
  /** Request target without its query, which may contain secrets. */
  readonly path: string
  readonly headers: Headers.Headers
  readonly clientAddress: string
  readonly report: MutableRef.MutableRef<Report>
}

/** Facts about the current request; the edge sets them. The default is for effects outside of a request. */
export const RequestContext = Context.Reference<RequestFacts>("tbg-api/http/api/RequestContext", {
  defaultValue: () => ({
    id: "none",
    startedAt: 0,
    method: "",
    path: "",
    headers: Headers.empty,
    clientAddress: "unknown",
    report: MutableRef.make(unmatched)
  })
})

export const addToReport = ({ report }: RequestFacts, results: Partial<Report>): void =>
  void MutableRef.update(report, (before) => ({ ...before, ...results }))
