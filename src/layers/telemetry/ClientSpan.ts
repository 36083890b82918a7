import { Effect, References } from "effect"
import type { Tracer } from "effect"

/** Headers that continue a trace in another service (W3C Trace Context). */
export type TraceHeaders = Readonly<Record<string, string>>

const headersOf = ({ sampled, spanId, traceId }: Tracer.Span): TraceHeaders => ({
  traceparent: `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`
})

/**
 * Runs a request to another service in a span named after its method, and passes the trace headers to `send`. While
 * tracing is off, it makes no span and sends no header. The span omits the query, which may contain a token.
 */
export const withClientSpan = Effect.fnUntraced(function* <A, E>(
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
