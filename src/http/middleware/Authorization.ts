import { Context, Effect, Layer, Redacted } from "effect"
import type { Types } from "effect"
import { HttpRouter } from "effect/http"
import type { HttpServerResponse } from "effect/http/HttpServerResponse"
import { Authorization, CurrentCaller } from "../api/Authorization.ts"
import { Forbidden, InvalidToken, Unauthorized } from "../Errors.ts"
import { CurrentRequest } from "./RequestInfo.ts"

/**
 * Lets those pass whose key is of the path's team. It decides before anything of the request is decoded, and says 403
 * for every other team, so that nobody learns which teams there are. `Limited`, outside of it, has found out who asks.
 */
export const AuthorizationLayer = Layer.succeed(Authorization, {
  apiKey: (handler, { credential }) =>
    Effect.withFiber<HttpServerResponse, Types.unhandled | Unauthorized | Forbidden>((fiber) => {
      const { caller } = Context.getUnsafe(fiber.context, CurrentRequest)
      if (caller === undefined) {
        return Effect.fail(Redacted.value(credential) === "" ? new Unauthorized() : new InvalidToken())
      }
      const { params } = Context.getUnsafe(fiber.context, HttpRouter.RouteContext)
      if (params["team"] !== caller.team.name) return Effect.fail(new Forbidden())
      return Effect.provideService(handler, CurrentCaller, caller)
    })
})
