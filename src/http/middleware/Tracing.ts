import { Clock, Context, Effect, Exit, Option, Tracer } from "effect"
import type { HttpServerRequest } from "effect/http"
import { methods } from "./Metrics.ts"
import type { RequestInfo } from "./RequestInfo.ts"

/** The library's own span of a request would tell its whole address, query included; ours are made here. */
export const withoutLibrarySpan = (): boolean => true

/** A request that failed on our side; a span says so by how it ends. */
const failed = Exit.fail("the request failed")

const host = /^(?<address>\[[^\]]*\]|[^:]*)(?::(?<port>\d+))?$/

/** What looks like an API key has no place in a path, which does not keep callers from putting it there. */
const keyLike = /tbg_[\w-]+/g

/** Callers can make up any number of methods (OpenTelemetry semantic conventions, `http.request.method`). */
const methodOf = ({ method }: RequestInfo): string | undefined => (methods.has(method) ? method : undefined)

const nameOf = (info: RequestInfo): string => {
  const method = methodOf(info) ?? "HTTP"
  return info.route === "unmatched" ? method : `${method} ${info.route}`
}

/**
 * The span of a request, in the trace of its caller where that sent a `traceparent`; begun by whoever needs it first
 * after routing, so that it is named by the route. None for probes, and none without a tracer.
 */
const spanOf = (info: RequestInfo): Tracer.Span | undefined => {
  const { tracer } = info.fiber.cache
  if (info.span !== undefined || info.isProbe || tracer === undefined || tracer === Tracer.nativeTracer) {
    return info.span
  }
  const sinceStart = BigInt(Math.round((performance.now() - info.startedAt) * 1_000_000))
  const parent = info.traceParent
  info.span = tracer.span({
    name: nameOf(info),
    parent,
    annotations: Context.empty(),
    links: [],
    startTime: info.fiber.getRef(Clock.Clock).currentTimeNanosUnsafe() - sinceStart,
    kind: "server",
    root: Option.isNone(parent),
    sampled: Option.match(parent, { onNone: () => true, onSome: ({ sampled }) => sampled })
  })
  return info.span
}

/** Runs what belongs to a request in its span; what belongs to a probe in none. */
export const inSpan = <A, E, R>(info: RequestInfo, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
  const span = spanOf(info)
  if (span !== undefined) return Effect.provideService(effect, Tracer.ParentSpan, span)
  return info.isProbe && info.fiber.cache.tracer !== undefined ? Effect.withTracerEnabled(effect, false) : effect
}

/** The trace that a request belongs to. */
export const traceIdOf = (info: RequestInfo): string | undefined => spanOf(info)?.traceId

/** Ends the span of a request with what is known when its response is sent. */
export const endSpan = (info: RequestInfo, { headers }: HttpServerRequest.HttpServerRequest, status: number): void => {
  const span = spanOf(info)
  if (span === undefined) return
  if (span.sampled) {
    const { address, port } = host.exec(headers["host"] ?? "")?.groups ?? {}
    const attributes = {
      "http.request.method": methodOf(info) ?? "_OTHER",
      "http.route": info.route === "unmatched" ? undefined : info.route,
      "http.response.status_code": status,
      "error.type": status >= 500 ? String(status) : undefined,
      "url.scheme": "http",
      "url.path": info.path.startsWith("/") ? info.path.replace(keyLike, "tbg_…") : undefined,
      "server.address": address,
      "server.port": port === undefined ? undefined : Number(port),
      "client.address": info.clientAddress,
      "user_agent.original": headers["user-agent"],
      "tbg.request_id": info.id,
      "tbg.team": info.caller?.team.name
    }
    for (const [name, value] of Object.entries(attributes)) if (value !== undefined) span.attribute(name, value)
  }
  span.end(info.fiber.getRef(Clock.Clock).currentTimeNanosUnsafe(), status >= 500 ? failed : Exit.void)
}
