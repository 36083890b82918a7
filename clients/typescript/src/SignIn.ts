import { Clock, Effect, Redacted, Ref, Semaphore } from "effect"
import type { Calls } from "./Endpoint.ts"

/** Access tokens are refreshed this long before they expire, in milliseconds. */
const refreshMargin = 30_000

interface TokenPair {
  readonly access_token: string
  readonly expires_in: number
  readonly refresh_token: string
}

const tokensOf = ({ access_token, expires_in, refresh_token }: TokenPair) =>
  Effect.map(Clock.currentTimeMillis, (now) => ({
    access: Redacted.make(access_token, { label: "access token" }),
    refresh: Redacted.make(refresh_token, { label: "refresh token" }),
    refreshAt: now + expires_in * 1000 - refreshMargin
  }))

/**
 * Signs in with a Bitcoin address. `sign` receives the message and returns the wallet's signature.
 *
 * `accessToken` of the result is the current access token, refreshed before it expires. Pass it as `accessToken` to a
 * client. If a refresh fails, it stays the old token, so the next call fails with 401 and the player signs in again.
 */
export const signIn = Effect.fnUntraced(function* <E, R>(
  { Auth }: Pick<Calls, "Auth">,
  address: string,
  sign: (message: string) => Effect.Effect<string, E, R>
) {
  const { message, nonce } = yield* Auth.challenge({ payload: { btc_address: address } })
  const signature = yield* sign(message)
  const { user, ...pair } = yield* Auth.verify({ payload: { btc_address: address, nonce, signature } })
  const tokens = yield* Ref.make(yield* tokensOf(pair))
  const lock = yield* Semaphore.make(1)

  const refreshIfDue = Effect.gen(function* () {
    const { refresh, refreshAt } = yield* Ref.get(tokens)
    if ((yield* Clock.currentTimeMillis) < refreshAt) return
    const refreshed = yield* Auth.refresh({ payload: { refresh_token: Redacted.value(refresh) } })
    yield* Ref.set(tokens, yield* tokensOf(refreshed))
  })
  const accessToken = Semaphore.withPermit(
    lock,
    Effect.andThen(
      Effect.ignore(refreshIfDue),
      Effect.map(Ref.get(tokens), ({ access }) => access)
    )
  )
  return { user, accessToken }
})
