import { Effect, identity, Redacted, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import { isApiError } from "./ApiError.ts"
import { isCall } from "./Endpoint.ts"
import { live as liveWith, TbgClient } from "./index.ts"
import type { Cursor } from "./index.ts"
import type { LiveTopic, LiveUpdate } from "./LiveUpdate.ts"
import type { RetryOptions } from "./Retry.ts"
import { signIn as signInWith } from "./SignIn.ts"

export { isApiError }

interface ClientOptions extends Partial<RetryOptions> {
  readonly baseUrl: string | URL
  readonly apiKey?: string
  readonly token?: string
  readonly accessToken?: string | (() => Promise<string>)
}

interface CallOptions {
  readonly signal?: AbortSignal
}

const redact = (text: string | undefined) => (text === undefined ? undefined : Redacted.make(text))

const accessTokenOf = (token: ClientOptions["accessToken"]) =>
  typeof token === "function" ? Effect.map(Effect.promise(token), (text) => Redacted.make(text)) : redact(token)

const withSecrets = ({ accessToken, apiKey, token, ...options }: ClientOptions) => ({
  ...options,
  apiKey: redact(apiKey),
  token: redact(token),
  accessToken: accessTokenOf(accessToken)
})

const clientOf = (options: ClientOptions) =>
  Effect.runSync(TbgClient.pipe(Effect.provide(TbgClient.layer(withSecrets(options)))))

/**
 * Returns every endpoint as an async function. `scripts/client/PromiseTypes.ts` generates the type from the contract.
 */
export const createClient = (options: ClientOptions): object =>
  Object.fromEntries(
    Object.entries(clientOf(options)).map(([group, calls]) => [
      group,
      Object.fromEntries(
        Object.entries(calls).map(([name, call]: [string, unknown]) => [
          name,
          (request: unknown, { signal }: CallOptions = {}) =>
            isCall(call) ? Effect.runPromise(call(request), { signal }) : undefined
        ])
      )
    ])
  )

/** Signs in with a Bitcoin address. `accessToken` of the result refreshes itself; pass it to `createClient`. */
export const signIn = async (
  options: ClientOptions,
  address: string,
  sign: (message: string) => string | Promise<string>
) => {
  const signed = signInWith(clientOf(options), address, (message) => Effect.promise(async () => sign(message)))
  const { accessToken, user } = await Effect.runPromise(signed)
  return { user, accessToken: () => Effect.runPromise(Effect.map(accessToken, Redacted.value)) }
}

const untilAborted = (signal: AbortSignal) =>
  Effect.callback<void>((resume) => {
    const end = () => resume(Effect.void)
    if (signal.aborted) return end()
    signal.addEventListener("abort", end, { once: true })
    return Effect.sync(() => signal.removeEventListener("abort", end))
  })

/** Yields a snapshot of the topics, then every event after it, until the loop or the signal ends it. */
export const live = (
  options: ClientOptions,
  topics: ReadonlyArray<LiveTopic>,
  { signal }: CallOptions = {}
): AsyncIterable<LiveUpdate> =>
  liveWith(withSecrets(options), topics).pipe(
    Stream.provide(FetchHttpClient.layer),
    signal === undefined ? identity : Stream.interruptWhen(untilAborted(signal)),
    Stream.toAsyncIterable
  )

/** Yields the pages of a list, each loaded when it is needed. */
export async function* paginate<Page extends { readonly next_cursor: string | null }>(
  load: (cursor: Cursor) => Promise<{ readonly body: Page }>
): AsyncGenerator<Page> {
  let cursor: Cursor = {}
  for (;;) {
    const { body } = await load(cursor)
    yield body
    if (body.next_cursor === null) return
    cursor = { cursor: body.next_cursor }
  }
}
