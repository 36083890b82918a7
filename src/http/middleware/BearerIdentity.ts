import { Context, Effect, Layer, Redacted } from "effect"
import type { NotAuthenticated } from "../../domain/Identity.ts"
import { Identities } from "../../services/Identities.ts"
import { BearerIdentity, CurrentIdentity } from "../api/BearerIdentity.ts"
import { ServiceUnavailable, Unauthorized } from "../Errors.ts"
import { CurrentRequest, invalidToken } from "./RequestInfo.ts"

const refuse = ({ reason }: NotAuthenticated) =>
  Effect.withFiber<never, Unauthorized>((fiber) => {
    const info = Context.getUnsafe(fiber.context, CurrentRequest)
    info.challenge = invalidToken
    const line = Effect.annotateLogs(Effect.logDebug("a token was refused"), { reason, request_id: info.id })
    return Effect.andThen(line, Effect.fail(new Unauthorized()))
  })

/** Lets requests with a good token pass, and says on a debug line why one was none. */
export const BearerIdentityLayer = Layer.effect(
  BearerIdentity,
  Effect.map(Identities, ({ verify }) => ({
    bearer: (handler, { credential }) => {
      if (Redacted.value(credential) === "") return Effect.fail(new Unauthorized())
      return verify(credential).pipe(
        Effect.catchTags({
          NotAuthenticated: refuse,
          DependencyDown: () => Effect.fail(new ServiceUnavailable())
        }),
        Effect.flatMap((identity) => Effect.provideService(handler, CurrentIdentity, identity))
      )
    }
  }))
)
