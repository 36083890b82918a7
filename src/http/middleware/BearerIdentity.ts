import { Effect, Layer, Redacted } from "effect"
import type { NotAuthenticated } from "../../domain/Identity.ts"
import { Identities } from "../../services/Identities.ts"
import { BearerIdentity, CurrentIdentity } from "../api/BearerIdentity.ts"
import { RequestContext } from "../api/RequestContext.ts"
import { InvalidToken, ServiceUnavailable, Unauthorized } from "../Errors.ts"

const reject = Effect.fnUntraced(function* ({ reason }: NotAuthenticated) {
  const { id } = yield* RequestContext
  yield* Effect.annotateLogs(Effect.logDebug("token rejected"), { reason, request_id: id })
  return yield* new InvalidToken()
})

/** Verifies the token. The reason for a rejection is logged at DEBUG and not returned. */
export const BearerIdentityLayer = Layer.effect(
  BearerIdentity,
  Effect.map(Identities, ({ verify }) => ({
    bearer: Effect.fnUntraced(function* (handler, { credential }) {
      if (Redacted.value(credential) === "") return yield* new Unauthorized()
      const identity = yield* Effect.catchTags(verify(credential), {
        NotAuthenticated: reject,
        DependencyDown: () => Effect.fail(new ServiceUnavailable())
      })
      return yield* Effect.provideService(handler, CurrentIdentity, identity)
    })
  }))
)
