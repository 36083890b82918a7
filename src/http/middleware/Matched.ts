import { Context, Effect, Layer } from "effect"
import type { HttpServerResponse } from "effect/http"
import { annotationOf } from "../api/Annotation.ts"
import type { Annotated } from "../api/Annotation.ts"
import { IsProbe, Matched } from "../api/Matched.ts"
import type { RouteMethod } from "./Allow.ts"
import { isPublicError } from "../Errors.ts"
import { CurrentRequest } from "./RequestInfo.ts"
import { inSpan } from "./Tracing.ts"

/**
 * Notes the route on the request, as the edge runs outside of routing and does not see it otherwise; its span begins.
 */
export const asRoute =
  (route: string, isProbe = false) =>
  <A, E, R>(handler: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.withFiber((fiber) => {
      const info = Context.getUnsafe(fiber.context, CurrentRequest)
      info.route = route
      info.isProbe = isProbe
      return inSpan(info, handler)
    })

/** Whether a response of 400 or above has no body in a shape of its endpoint. */
const isUnshaped = ({ body, status }: HttpServerResponse.HttpServerResponse): boolean =>
  status >= 400 && !(body._tag === "Uint8Array" && body.contentType.startsWith("application/json"))

/**
 * Runs every endpoint under its path template. Public errors become defects and are encoded by the edge, because the
 * library would encode them in one dialect only. Errors with their own shape, such as readiness, use their schema.
 */
export const MatchedLayer = Layer.succeed(Matched, (handler, { endpoint, group }) =>
  handler.pipe(
    Effect.catchIf(isPublicError, Effect.die),
    Effect.tap((response) => (isUnshaped(response) ? Effect.die(new Error("a response has no shape")) : Effect.void)),
    asRoute(endpoint.path, annotationOf(IsProbe, { endpoint, group }))
  )
)

interface Group extends Annotated {
  readonly endpoints: Readonly<Record<string, Annotated & RouteMethod>>
}

/** The endpoints of an API as rows of the table of routes. */
export const routesOf = (api: { readonly groups: Readonly<Record<string, Group>> }): ReadonlyArray<RouteMethod> =>
  Object.values(api.groups).flatMap((group) =>
    Object.values(group.endpoints).map((endpoint) => ({
      method: endpoint.method,
      path: endpoint.path,
      isProbe: annotationOf(IsProbe, { endpoint, group })
    }))
  )
