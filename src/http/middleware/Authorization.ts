import { Effect, Layer } from "effect"
import { HttpRouter } from "effect/http"
import {
  Authorization,
  CallerIdentity,
  CurrentCaller,
  Identify,
  LimitByAddress,
  LimitByKey
} from "../api/Authorization.ts"
import { Forbidden, InvalidToken, Unauthorized } from "../Errors.ts"
import { Callers } from "./Callers.ts"
import { RateLimits } from "./RateLimits.ts"

const IdentifyLayer = Layer.effect(
  Identify,
  Effect.map(Callers, ({ identify }) => ({
    apiKey: (handler, { credential }) =>
      Effect.flatMap(identify(credential), (identity) => Effect.provideService(handler, CallerIdentity, identity))
  }))
)

const LimitByKeyLayer = Layer.effect(
  LimitByKey,
  Effect.map(
    RateLimits,
    ({ admit }) =>
      (handler) =>
        Effect.flatMap(CallerIdentity, ({ caller }) => Effect.andThen(admit("key", caller?.keyId), handler))
  )
)

const LimitByAddressLayer = Layer.effect(
  LimitByAddress,
  Effect.map(
    RateLimits,
    ({ admit }) =>
      (handler) =>
        Effect.andThen(admit("ip"), handler)
  )
)

/** Authorizes before the request is decoded. Every other team gets 403, whether or not it exists. */
const AuthorizationLayer = Layer.succeed(
  Authorization,
  Effect.fnUntraced(function* (handler) {
    const { caller, isRejected } = yield* CallerIdentity
    if (caller === undefined) return yield* isRejected ? new InvalidToken() : new Unauthorized()
    const { team = caller.team.name } = yield* HttpRouter.params
    if (team !== caller.team.name) {
      return yield* new Forbidden({ hint: `This API key belongs to team ${caller.team.name}` })
    }
    return yield* Effect.provideService(handler, CurrentCaller, caller)
  })
)

export const AuthorizationLayers = Layer.mergeAll(
  IdentifyLayer,
  LimitByKeyLayer,
  LimitByAddressLayer,
  AuthorizationLayer
)
