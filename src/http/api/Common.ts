import { Context } from "effect"
import { HttpApiMiddleware } from "effect/http-api"
import { BadRequest, Internal, ServiceUnavailable } from "../Errors.ts"

/** Whether monitoring polls an endpoint. Its requests skip admission control and are logged at DEBUG. */
export const IsProbe = Context.Reference<boolean>("tbg-api/http/api/IsProbe", { defaultValue: () => false })

interface Annotated {
  readonly annotations: Context.Context<never>
}

/** Whether an endpoint, or else its group, is annotated as a probe. */
export const isProbe = ({ endpoint, group }: { readonly endpoint: Annotated; readonly group: Annotated }): boolean =>
  Context.get(Context.merge(group.annotations, endpoint.annotations), IsProbe)

/** Middleware of every endpoint. Records the route and declares the errors that every endpoint can return. */
export class Common extends HttpApiMiddleware.Service<Common>()("tbg-api/http/api/Common", {
  error: [BadRequest, ServiceUnavailable, Internal]
}) {}
