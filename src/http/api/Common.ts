import { Context } from "effect"
import { HttpApiMiddleware } from "effect/http-api"
import { BadRequest, Internal, ServiceUnavailable } from "../Errors.ts"

/** Whether monitoring polls an endpoint. Its requests skip admission control and are logged at DEBUG. */
export const IsProbe = Context.Reference<boolean>("tbg-api/http/api/IsProbe", { defaultValue: () => false })

/** Whether scripts of any origin may read an endpoint, without credentials. */
export const IsOpenToOrigins = Context.Reference<boolean>("tbg-api/http/api/IsOpenToOrigins", {
  defaultValue: () => false
})

interface Annotated {
  readonly annotations: Context.Context<never>
}

/** An annotation of an endpoint, or else of its group. */
const annotated =
  (annotation: typeof IsProbe) =>
  ({ endpoint, group }: { readonly endpoint: Annotated; readonly group: Annotated }): boolean =>
    Context.get(Context.merge(group.annotations, endpoint.annotations), annotation)

export const isProbe = annotated(IsProbe)
export const isOpenToOrigins = annotated(IsOpenToOrigins)

/** Middleware of every endpoint. Records the route and declares the errors that every endpoint can return. */
export class Common extends HttpApiMiddleware.Service<Common>()("tbg-api/http/api/Common", {
  error: [BadRequest, ServiceUnavailable, Internal]
}) {}
