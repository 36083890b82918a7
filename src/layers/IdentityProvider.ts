import { Context, Effect, Layer, References } from "effect"
import { DependencyDown } from "../domain/Dependency.ts"
import type { TokenIssuer } from "../domain/Identity.ts"
import { AppConfig } from "./AppConfig.ts"

const maxTimeoutMs = 3000

/** About ten times the size of a large key set. */
const maxBytes = 256 * 1024

class NoKeySet extends Error {}

type TraceHeaders = Readonly<Record<string, string>>

/**
 * Runs a GET request in a span, and passes the headers that continue the trace (W3C Trace Context) to `send`. While
 * tracing is off, it makes no span and sends no header. The span omits the query, which may contain a token.
 */
export const withClientSpan = Effect.fnUntraced(function* <A, E>(
  url: string,
  send: (headers: TraceHeaders) => Effect.Effect<A, E>
) {
  if (!(yield* References.TracerEnabled)) return yield* send({})
  const { hostname, origin, pathname, port, protocol } = new URL(url)
  const attributes = {
    "http.request.method": "GET",
    "url.full": origin + pathname,
    "server.address": hostname,
    "server.port": Number(port === "" ? { "http:": 80, "https:": 443 }[protocol] : port)
  }
  return yield* Effect.useSpan("GET", { kind: "client", attributes }, (span) => {
    const traceparent = `00-${span.traceId}-${span.spanId}-${span.sampled ? "01" : "00"}`
    return Effect.withParentSpan(send({ traceparent }), span)
  })
})

/** Fetches a JSON document. Redirects are not followed, because a key set does not move. */
const fetchDocument = async (url: string, trace: TraceHeaders, signal: AbortSignal): Promise<unknown> => {
  const headers = { accept: "application/json", ...trace }
  const response = await fetch(url, { signal, redirect: "manual", headers })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new NoKeySet()
  }
  const chunks: Array<Uint8Array> = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength
    if (length > maxBytes) throw new NoKeySet()
    chunks.push(chunk)
  }
  // Skips a byte order mark, unlike Buffer.
  return JSON.parse(new TextDecoder().decode(Buffer.concat(chunks)))
}

/** `fetch` throws a TypeError if it cannot connect or loses the connection. */
const downOf = (error: unknown): DependencyDown =>
  new DependencyDown({ fault: error instanceof TypeError ? "unreachable" : "failed" })

const fetchKeySet = (url: string, timeoutMs: number): Effect.Effect<unknown, DependencyDown> =>
  withClientSpan(url, (trace) =>
    Effect.timeoutOrElse(Effect.tryPromise({ try: (signal) => fetchDocument(url, trace, signal), catch: downOf }), {
      duration: timeoutMs,
      orElse: () => Effect.fail(new DependencyDown({ fault: "timeout" }))
    })
  )

/** Issuer of users' tokens (`TBG_AUTH_PROVIDER`). It is called only when a token has to be verified. */
export class IdentityProvider extends Context.Service<
  IdentityProvider,
  {
    /** `undefined` without a provider. */
    readonly tokens: TokenIssuer | undefined
  }
>()("tbg-api/layers/IdentityProvider") {
  static readonly layer = Layer.effect(
    IdentityProvider,
    Effect.map(AppConfig, ({ auth, http }) => {
      const { algorithms, audience, issuer, jwksUrl, provider } = auth
      if (provider === "none" || issuer === undefined || jwksUrl === undefined) return { tokens: undefined }
      // Half of the request timeout, so that a request which waits for the keys can still get a 503 with the reason.
      const keySet = fetchKeySet(jwksUrl, Math.min(maxTimeoutMs, http.requestTimeoutMs / 2))
      return { tokens: { provider, issuer, audience, algorithms, keySet } }
    })
  )
}
