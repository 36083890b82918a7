import { Context } from "effect"
import { HttpApiMiddleware, HttpApiSecurity, OpenApi } from "effect/http-api"
import type { Caller } from "../../domain/ApiKey.ts"
import { Forbidden, Unauthorized } from "../Errors.ts"

/** The API key that came with the request, and its team, which is also the path's. */
export class CurrentCaller extends Context.Service<CurrentCaller, Caller>()("tbg-api/http/api/CurrentCaller") {}

/**
 * On endpoints under `/v1/teams/:team`: it wants a key of that team as bearer token (RFC 6750), and tells whose it is.
 */
export class Authorization extends HttpApiMiddleware.Service<Authorization, { provides: CurrentCaller }>()(
  "tbg-api/http/api/Authorization",
  {
    security: {
      apiKey: HttpApiSecurity.bearer.pipe(
        HttpApiSecurity.annotateMerge(
          OpenApi.annotations({
            format: "tbg_…",
            description: "An API key of the team, as `tbg keys create` prints it"
          })
        )
      )
    },
    error: [Unauthorized, Forbidden]
  }
) {}
