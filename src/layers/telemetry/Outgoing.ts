import { Effect, References } from "effect"
import type { Tracer } from "effect"

/** Tells another service which trace its request belongs to (W3C Trace Context). */
export type TraceHeaders = Readonly<Record<string, string>>

const headersOf = ({ sampled, spanId, traceId }: Tracer.Span): TraceHeaders => ({
  traceparent: `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`
})

/**
 * A request to another service as a span of its own, named by its method; `send` gets the headers to add. While
 * tracing is off there is neither. The span leaves out the query, which may hold a token.
 */
export const outgoing = Effect.fnUntraced(function* <A, E>(
  method: string,
  url: string,
  send: (headers: TraceHeaders) => Effect.Effect<A, E>
) {
  if (!(yield* References.TracerEnabled)) return yield* send({})
  const { hostname, origin, pathname, port, protocol } = new URL(url)
  const attributes = {
    "http.request.method": method,
    "url.full": origin + pathname,
    "server.address": hostname,
    "server.port": Number(port === "" ? { "http:": 80, "https:": 443 }[protocol] : port)
  }
  return yield* Effect.useSpan(method, { kind: "client", attributes }, (span) =>
    Effect.withParentSpan(send(headersOf(span)), span)
  )
})
