import { Effect, Layer, Redacted } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { SessionTokenId, TokenFault } from "../../domain/Session.ts"
import { idOfAccessToken, Sessions } from "../../services/auth/Sessions.ts"
import { Viewer } from "../../services/mining/MinerVisibility.ts"
import { RequestContext } from "../api/RequestContext.ts"
import { CurrentSession, GivenSession, LimitSignIn, OptionalSession, SignedIn } from "../api/SignedIn.ts"
import { InvalidToken, Unauthorized } from "../Errors.ts"
import { makeKnownIds } from "./KnownIds.ts"
import { RateLimits } from "./RateLimits.ts"

const logRejected = Effect.fnUntraced(function* (fault: TokenFault) {
  const { id } = yield* RequestContext
  yield* Effect.annotateLogs(Effect.logDebug("access token rejected"), { fault, request_id: id })
})

/**
 * Authenticates sessions and limits their requests.
 *
 * Invalid tokens count against the client address (policy `auth`), as invalid API keys do. An expired token does not,
 * because clients use a token until it is rejected.
 */
const SignedInLayer = Layer.effect(
  SignedIn,
  Effect.gen(function* () {
    const { authenticate } = yield* Sessions
    const { admit, read } = yield* RateLimits
    const known = makeKnownIds<SessionTokenId>()

    const reject = Effect.fnUntraced(function* (fault: TokenFault) {
      yield* logRejected(fault)
      yield* admit(fault === "expired" ? "ip" : "auth")
      return yield* new InvalidToken()
    })

    const identify = Effect.fnUntraced(function* (token: string) {
      if (token === "") {
        yield* admit("ip")
        return yield* new Unauthorized()
      }
      const id = idOfAccessToken(token)
      if (id === undefined) return yield* reject("malformed")
      // Tokens that were valid before are looked up, so that an attacker does not lock out the same address.
      if (!known.has(id) && (yield* read("auth"))?.remaining === 0) yield* admit("auth")
      const session = yield* Effect.catchTag(authenticate(token), "TokenRefused", ({ fault }) => reject(fault))
      known.add(id)
      yield* admit("session", session.sessionId)
      return session
    })

    return {
      session: (handler, { credential }) =>
        Effect.flatMap(identify(Redacted.value(credential)), (session) =>
          handler.pipe(Effect.provideService(CurrentSession, session), Effect.provideService(Viewer, session.accountId))
        )
    }
  })
)

const bearerToken = HttpApiBuilder.securityDecode(SignedIn.security.session)

const OptionalSessionLayer = Layer.effect(
  OptionalSession,
  Effect.map(Sessions, ({ authenticate }) =>
    Effect.fnUntraced(function* (handler) {
      const session = yield* Effect.catchTag(
        authenticate(Redacted.value(yield* bearerToken)),
        "TokenRefused",
        () => Effect.undefined
      )
      return yield* handler.pipe(
        Effect.provideService(Viewer, session?.accountId),
        Effect.provideService(GivenSession, session)
      )
    })
  )
)

/** Challenges have their own limit. The endpoints that verify signatures share one. */
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
export const SignedInLayers = Layer.mergeAll(SignedInLayer, OptionalSessionLayer, LimitSignInLayer)
