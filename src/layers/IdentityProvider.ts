import { Context, Effect, Layer } from "effect"
import { DependencyDown } from "../domain/Dependency.ts"
import type { TokenIssuer } from "../domain/Identity.ts"
import { AppConfig } from "./AppConfig.ts"
import { outgoing } from "./telemetry/Outgoing.ts"
import type { TraceHeaders } from "./telemetry/Outgoing.ts"

/** Half of the request's own deadline, so that who waits for the keys gets a 503 that says why; no more than this. */
const longestWaitMs = 3000

/** Some ten times the largest key set in common use, which carries certificates. */
const longestDocument = 256 * 1024

class NoKeySet extends Error {}

/** The JSON at an address, of at most `longestDocument` bytes. A key set does not move, so no redirect is followed. */
const documentAt = async (url: string, trace: TraceHeaders, signal: AbortSignal): Promise<unknown> => {
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
    if (length > longestDocument) throw new NoKeySet()
    chunks.push(chunk)
  }
  // Skips a byte order mark, unlike Buffer.
  return JSON.parse(new TextDecoder().decode(Buffer.concat(chunks)))
}

/** `fetch` has a TypeError for a connection that there is none of, or that was lost. */
const downOf = (error: unknown): DependencyDown =>
  new DependencyDown({ fault: error instanceof TypeError ? "unreachable" : "failed" })

const keySetAt = (url: string, deadlineMs: number): Effect.Effect<unknown, DependencyDown> =>
  outgoing("GET", url, (trace) =>
    Effect.timeoutOrElse(Effect.tryPromise({ try: (signal) => documentAt(url, trace, signal), catch: downOf }), {
      duration: deadlineMs,
      orElse: () => Effect.fail(new DependencyDown({ fault: "timeout" }))
    })
  )

/** Who issues the tokens of users, as `TBG_AUTH_PROVIDER` says. Nothing is asked before a token has to be checked. */
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
      const keySet = keySetAt(jwksUrl, Math.min(longestWaitMs, http.requestTimeoutMs / 2))
      return { tokens: { provider, issuer, audience, algorithms, keySet } }
    })
  )

  static readonly layerTest = (tokens?: TokenIssuer) => Layer.succeed(IdentityProvider, { tokens })
}
