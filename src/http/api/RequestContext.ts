import { Context, MutableRef } from "effect"
import type { Tracer } from "effect"
import { Headers } from "effect/http"
import type { Caller, KeyFault } from "../../domain/ApiKey.ts"
import type { Decision } from "../../domain/RateLimit.ts"

/** Results of the middleware of a request, for its response headers, log line, metrics and span. */
export interface Report {
  /** Path template of the matched route; never the raw path, of which there are endlessly many. */
  readonly route: string
  readonly isProbe: boolean
  /** Whether scripts of any origin may read the response, without credentials. */
  readonly isOpenToOrigins?: boolean
  /** Owner of the API key, if a valid one was sent. */
  readonly caller?: Caller | undefined
  /** Why the API key that was sent is refused. */
  readonly keyFault?: KeyFault | undefined
  /** Decision of the last rate limit that applied. */
  readonly limit?: Decision | undefined
  /** Undefined if the request is not traced. */
  readonly span?: Tracer.Span | undefined
}

/** Report of a request that no route has matched. */
export const unmatched: Report = { route: "unmatched", isProbe: false }

/** Facts about a request that are known before it is routed. */
export interface RequestFacts {
  /** The caller's `X-Request-Id` if it is valid, else a new UUID. */
  readonly id: string
  /** Arrival, in milliseconds of `performance.now()`. */
  readonly startedAt: number
  readonly method: string
  /** Request target without its query, which may hold secrets. */
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

/** Adds results to the report of a request. */
export const addToReport = ({ report }: RequestFacts, results: Partial<Report>): void =>
  void MutableRef.update(report, (before) => ({ ...before, ...results }))
