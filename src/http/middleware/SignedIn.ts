import { Effect, Layer, Redacted } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { SessionTokenId, TokenFault } from "../../domain/Session.ts"
import { idOfAccessToken, Sessions } from "../../services/auth/Sessions.ts"
import { Viewer } from "../../services/auth/Viewer.ts"
import { RequestContext } from "../api/RequestContext.ts"
import { CurrentSession, IdentifyPlayer, LimitSignIn, SignedIn } from "../api/SignedIn.ts"
import { InvalidToken, Unauthorized } from "../Errors.ts"
import { makeKnownIds } from "./KnownIds.ts"
import { RateLimits } from "./RateLimits.ts"

const logRejected = Effect.fnUntraced(function* (fault: TokenFault) {
  const { id } = yield* RequestContext
  yield* Effect.annotateLogs(Effect.logDebug("access token rejected"), { fault, request_id: id })
})

/**
 * Authenticates access tokens.
 *
 * Invalid tokens count against the client address (policy `auth`), as invalid API keys do. An expired token does not,
 * because a client learns that it expired by using it.
 */
const makeAuthenticate = Effect.gen(function* () {
  const { authenticate } = yield* Sessions
  const { admit, read } = yield* RateLimits
  const known = makeKnownIds<SessionTokenId>()

  const reject = Effect.fnUntraced(function* (fault: TokenFault) {
    yield* logRejected(fault)
    yield* admit(fault === "expired" ? "ip" : "auth")
    return undefined
  })

  return Effect.fnUntraced(function* (token: string) {
    const id = idOfAccessToken(token)
    if (id === undefined) return yield* reject("malformed")
    // Tokens that were valid before are looked up, so that an attacker does not lock out the same address.
    if (!known.has(id) && (yield* read("auth"))?.remaining === 0) yield* admit("auth")
    const session = yield* Effect.catchTag(authenticate(token), "TokenRefused", ({ fault }) => reject(fault))
    if (session !== undefined) known.add(id)
    return session
  })
})

const SignedInLayer = Layer.effect(
  SignedIn,
  Effect.gen(function* () {
    const authenticate = yield* makeAuthenticate
    const { admit } = yield* RateLimits

    const requireSession = Effect.fnUntraced(function* (token: string) {
      if (token === "") {
        yield* admit("ip")
        return yield* new Unauthorized()
      }
      const session = yield* authenticate(token)
      if (session === undefined) return yield* new InvalidToken()
      yield* admit("session", session.sessionId)
      return session
    })

    return {
      session: (handler, { credential }) =>
        Effect.flatMap(requireSession(Redacted.value(credential)), (session) =>
          Effect.provideService(handler, CurrentSession, session)
        )
    }
  })
)

const bearerToken = HttpApiBuilder.securityDecode(SignedIn.security.session)

const IdentifyPlayerLayer = Layer.effect(
  IdentifyPlayer,
  Effect.map(
    makeAuthenticate,
    (authenticate) => (handler) =>
      Effect.flatMap(bearerToken, (credential) => {
        const token = Redacted.value(credential)
        if (token === "") return handler
        return Effect.flatMap(authenticate(token), (session) =>
          Effect.provideService(handler, Viewer, session?.accountId)
        )
      })
  )
)

/** Challenges have a count of their own. The endpoints that verify signatures share one. */
const LimitSignInLayer = Layer.effect(
  LimitSignIn,
  Effect.map(
    RateLimits,
    ({ admitAttempt }) =>
      (handler, { endpoint }) =>
        Effect.andThen(admitAttempt(endpoint.identifier === "challenge" ? "challenge" : "verify"), handler)
  )
)

/** Sessions and limits of sign-in. */
export const SignedInLayers = Layer.mergeAll(SignedInLayer, IdentifyPlayerLayer, LimitSignInLayer)
