import { Effect, Layer } from "effect"
import type { HttpServerResponse } from "effect/http"
import { Common, isProbe } from "../api/Common.ts"
import { addToReport, RequestContext } from "../api/RequestContext.ts"
import { isPublicError } from "../Errors.ts"
import type { RouteMethod } from "./Allow.ts"
import { makeTracing } from "./Tracing.ts"

/** Records the route of a request, which the edge cannot see, and runs its handler in the request's span. */
export const makeRecordRoute = Effect.map(makeTracing, ({ inSpan }) => (route: string, isProbe = false) => {
  return <A, E, R>(handler: Effect.Effect<A, E, R>) =>
    Effect.flatMap(RequestContext, (context) => {
      addToReport(context, { route, isProbe })
      return inSpan(context, handler)
    })
})

const lacksJsonBody = ({ body, status }: HttpServerResponse.HttpServerResponse): boolean =>
  status >= 400 && !(body._tag === "Uint8Array" && body.contentType.startsWith("application/json"))

/**
 * Records the path template of every endpoint. Public errors become defects, which the edge encodes, because the
 * library would encode them in one shape only. Errors with a shape of their own, such as `NotReady`, use their schema.
 */
export const CommonLayer = Layer.effect(
  Common,
  Effect.map(
    makeRecordRoute,
    (recordRoute) =>
      (handler, { endpoint, group }) =>
        handler.pipe(
          Effect.flatMap((response) =>
            lacksJsonBody(response)
              ? Effect.die(new Error("an error response has no JSON body"))
              : Effect.succeed(response)
          ),
          Effect.catchIf(isPublicError, Effect.die),
          recordRoute(endpoint.path, isProbe({ endpoint, group }))
        )
  )
)

interface Group {
  readonly annotations: Parameters<typeof isProbe>[0]["group"]["annotations"]
  readonly endpoints: Readonly<Record<string, Parameters<typeof isProbe>[0]["endpoint"] & RouteMethod>>
}

export const routesOf = (api: { readonly groups: Readonly<Record<string, Group>> }): ReadonlyArray<RouteMethod> =>
  Object.values(api.groups).flatMap((group) =>
    Object.values(group.endpoints).map((endpoint) => ({
      method: endpoint.method,
      path: endpoint.path,
      isProbe: isProbe({ endpoint, group })
    }))
  )
