import { Effect, Redacted } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { TokenPair } from "../../domain/Session.ts"
import { challengeSeconds } from "../../domain/SignIn.ts"
import { accessSeconds, Sessions } from "../../services/auth/Sessions.ts"
import { SignIn } from "../../services/auth/SignIn.ts"
import { Api } from "../api/Api.ts"
import { CurrentSession } from "../api/SignedIn.ts"
import { InvalidToken, NotFound } from "../Errors.ts"
import { RateLimits } from "../middleware/RateLimits.ts"
import { proofErrors } from "./ProofErrors.ts"
import { timeOf, userOf } from "./Users.ts"

const pairOf = ({ accessToken, refreshToken }: TokenPair) => ({
  access_token: Redacted.value(accessToken),
  token_type: "Bearer" as const,
  expires_in: accessSeconds,
  refresh_token: Redacted.value(refreshToken)
})

const done = { status: "ok" } as const

export const AuthHandlers = HttpApiBuilder.group(
  Api,
  "Auth",
  Effect.fnUntraced(function* (group) {
    const { canonical, challenge, verify } = yield* SignIn
    const { refresh } = yield* Sessions
    const { admit } = yield* RateLimits

    return group.handleAll({
      challenge: Effect.fnUntraced(
        function* ({ payload: { btc_address } }) {
          yield* admit("signin", `challenge ${yield* canonical(btc_address)}`)
          const issued = yield* challenge(btc_address)
          return { ...issued, expires_in: challengeSeconds }
        },
        Effect.catchTags({ InvalidAddress: proofErrors.InvalidAddress })
      ),
      verify: Effect.fnUntraced(function* ({ payload: { btc_address, nonce, signature }, request }) {
        yield* admit("signin", `verify ${yield* canonical(btc_address)}`)
        const proof = { address: btc_address, nonce, signature }
        const { account, tokens } = yield* verify(proof, request.headers["user-agent"])
        return { ...pairOf(tokens), user: userOf(account) }
      }, Effect.catchTags(proofErrors)),
      refresh: Effect.fnUntraced(
        function* ({ payload }) {
          return pairOf((yield* refresh(payload.refresh_token)).pair)
        },
        Effect.catchTag("TokenRefused", () => Effect.fail(new InvalidToken()))
      )
    })
  })
)

export const SessionsHandlers = HttpApiBuilder.group(
  Api,
  "Sessions",
  Effect.fnUntraced(function* (group) {
    const sessions = yield* Sessions

    return group.handleAll({
      logout: Effect.fnUntraced(function* () {
        const { accountId, sessionId } = yield* CurrentSession
        // Another request may have ended the session already.
        yield* Effect.ignore(sessions.revoke(accountId, sessionId))
        return done
      }),
      logoutAll: Effect.fnUntraced(function* () {
        yield* sessions.revokeAll((yield* CurrentSession).accountId)
        return done
      }),
      list: Effect.fnUntraced(function* () {
        const { accountId, sessionId } = yield* CurrentSession
        const found = yield* sessions.list(accountId)
        return {
          sessions: found.map(({ createdAt, id, lastUsedAt, userAgent }) => ({
            id,
            created_at: timeOf(createdAt),
            last_used_at: timeOf(lastUsedAt),
            user_agent: userAgent,
            current: id === sessionId
          }))
        }
      }),
      revoke: Effect.fnUntraced(
        function* ({ params: { id } }) {
          yield* sessions.revoke((yield* CurrentSession).accountId, id)
          return done
        },
        Effect.catchTag("SessionNotFound", () => Effect.fail(new NotFound()))
      )
    })
  })
)
