import { Effect, Tracer } from "effect"

/** What tells another service of the trace that it is part of (W3C Trace Context). */
export type TraceHeaders = Readonly<Record<string, string>>

const headersOf = ({ sampled, spanId, traceId }: Tracer.Span): TraceHeaders => ({
  traceparent: `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`
})

/**
 * A request to another service as a span of its own, named by its method; `send` gets the headers to put on it. Without
 * a tracer there is neither. The query, which may hold a token, is left out of the span.
 */
export const outgoing = <A, E>(
  method: string,
  url: string,
  send: (headers: TraceHeaders) => Effect.Effect<A, E>
): Effect.Effect<A, E> =>
  Effect.withFiber(({ cache }) => {
    if (cache.tracer === undefined || cache.tracer === Tracer.nativeTracer) return send({})
    const { hostname, origin, pathname, port, protocol } = new URL(url)
    const attributes = {
      "http.request.method": method,
      "url.full": origin + pathname,
      "server.address": hostname,
      "server.port": Number(port === "" ? { "http:": 80, "https:": 443 }[protocol] : port)
    }
    return Effect.useSpan(method, { kind: "client", attributes }, (span) =>
      Effect.provideService(send(headersOf(span)), Tracer.ParentSpan, span)
    )
  })
