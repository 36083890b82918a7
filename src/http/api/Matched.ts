import { Context } from "effect"
import { HttpApiMiddleware } from "effect/http-api"
import { BadRequest, Internal, ServiceUnavailable } from "../Errors.ts"

/** On endpoints that probes ask every few seconds for ever: their requests are logged at debug. */
export const IsProbe = Context.Reference<boolean>("tbg-api/http/api/IsProbe", { defaultValue: () => false })

/** Runs when an endpoint was matched, and tells the edge which; it declares the failures that any endpoint can have. */
export class Matched extends HttpApiMiddleware.Service<Matched>()("tbg-api/http/api/Matched", {
  error: [BadRequest, ServiceUnavailable, Internal]
}) {}
