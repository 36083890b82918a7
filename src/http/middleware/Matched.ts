import { Context, Effect, Layer } from "effect"
import { IsProbe, Matched } from "../api/Matched.ts"
import { CurrentRequest } from "./RequestInfo.ts"
import { inSpan } from "./Tracing.ts"

/** Notes the route on the request, as the edge runs outside of routing and does not see it otherwise; its span begins. */
export const asRoute =
  (route: string, isProbe = false) =>
  <A, E, R>(handler: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.withFiber((fiber) => {
      const info = Context.getUnsafe(fiber.context, CurrentRequest)
      info.route = route
      info.isProbe = isProbe
      return inSpan(info, handler)
    })

/** Every endpoint under its template. */
export const MatchedLayer = Layer.succeed(Matched, (handler, { endpoint, group }) => {
  const annotations = Context.merge(group.annotations, endpoint.annotations)
  return asRoute(endpoint.path, Context.get(annotations, IsProbe))(handler)
})
