import { Clock, Context, Effect, Exit, MutableRef, Option, Tracer } from "effect"
import { HttpTraceContext } from "effect/http"
import { addToReport } from "../api/RequestContext.ts"
import type { RequestFacts } from "../api/RequestContext.ts"
import { isMalformedTarget } from "./MalformedRequest.ts"
import { knownMethods } from "./RequestDuration.ts"

const failed = Exit.fail("the request failed")

const host = /^(?<address>\[[^\]]*\]|[^:]*)(?::(?<port>\d+))?$/

/** Redacts text that looks like an API key, also if it is percent-encoded. Undefined if this is not a path. */
const withoutKeys = (path: string): string | undefined => {
  if (isMalformedTarget("", path)) return undefined
  const decoded = decodeURIComponent(path)
  const redacted = decoded.replace(/tbg_[\w-]+/g, "tbg_…")
  return redacted === decoded ? path : redacted
}

const knownMethod = (method: string): string | undefined => (knownMethods.has(method) ? method : undefined)

const nameOf = (method: string, route: string): string => {
  const name = knownMethod(method) ?? "HTTP"
  return route === "unmatched" ? name : `${name} ${route}`
}

/**
 * Server spans of requests. They replace the library's spans, which would record the query of the URL, and start before
 * the route that names them is known.
 */
export const makeTracing = Effect.gen(function* () {
  const tracer = yield* Tracer.Tracer
  const clock = yield* Clock.Clock
  const isOff = tracer === Tracer.nativeTracer

  const startSpan = (request: RequestFacts): Tracer.Span | undefined => {
    const { isProbe, route, span } = MutableRef.get(request.report)
    if (isOff || isProbe || span !== undefined) return span
    const elapsedNanos = BigInt(Math.round((performance.now() - request.startedAt) * 1_000_000))
    const parent = HttpTraceContext.w3c(request.headers)
    const newSpan = tracer.span({
      name: nameOf(request.method, route),
      parent,
      annotations: Context.empty(),
      links: [],
      startTime: clock.currentTimeNanosUnsafe() - elapsedNanos,
      kind: "server",
      root: Option.isNone(parent),
      sampled: Option.match(parent, { onNone: () => true, onSome: ({ sampled }) => sampled })
    })
    addToReport(request, { span: newSpan })
    return newSpan
  }

  /** Runs an effect in the span of its request. Without a span, the effect is not traced. */
  const inSpan = <A, E, R>(request: RequestFacts, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
    if (isOff) return effect
    const span = startSpan(request)
    return span === undefined
      ? Effect.withTracerEnabled(effect, false)
      : Effect.provideService(effect, Tracer.ParentSpan, span)
  }

  /** Ends the span of a request when its response is sent. */
  const endSpan = (request: RequestFacts, status: number, id = request.id): void => {
    const span = startSpan(request)
    if (span === undefined) return
    const { caller, route } = MutableRef.get(request.report)
    if (span.sampled) {
      const { address, port } = host.exec(request.headers["host"] ?? "")?.groups ?? {}
      const attributes = {
        "http.request.method": knownMethod(request.method) ?? "_OTHER",
        "http.route": route === "unmatched" ? undefined : route,
        "http.response.status_code": status,
        "error.type": status >= 500 ? String(status) : undefined,
        "url.scheme": "http",
        "url.path": withoutKeys(request.path),
        "server.address": address,
        "server.port": port === undefined ? undefined : Number(port),
        "client.address": request.clientAddress,
        "user_agent.original": request.headers["user-agent"],
        "tbg.request_id": id,
        "tbg.team": caller?.team.name
      }
      for (const [name, value] of Object.entries(attributes)) if (value !== undefined) span.attribute(name, value)
    }
    span.end(clock.currentTimeNanosUnsafe(), status >= 500 ? failed : Exit.void)
  }
  return { startSpan, inSpan, endSpan }
})
