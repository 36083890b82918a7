import { Context, Effect, Layer, Redacted } from "effect"
import type { NotAuthenticated } from "../../domain/Identity.ts"
import { Identities } from "../../services/Identities.ts"
import { BearerIdentity, CurrentIdentity } from "../api/BearerIdentity.ts"
import { InvalidToken, ServiceUnavailable, Unauthorized } from "../Errors.ts"
import { CurrentRequest } from "./RequestInfo.ts"

const refuse = ({ reason }: NotAuthenticated) =>
  Effect.withFiber<never, Unauthorized>((fiber) => {
    const { id } = Context.getUnsafe(fiber.context, CurrentRequest)
    const line = Effect.annotateLogs(Effect.logDebug("a token was refused"), { reason, request_id: id })
    return Effect.andThen(line, Effect.fail(new InvalidToken()))
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
