import { Context } from "effect"
import { HttpApiMiddleware, HttpApiSecurity, OpenApi } from "effect/http-api"
import type { Identity } from "../../domain/Identity.ts"
import { ServiceUnavailable, Unauthorized } from "../Errors.ts"

/** User whose token was sent with the request. */
export class CurrentIdentity extends Context.Service<CurrentIdentity, Identity>()("tbg-api/http/api/CurrentIdentity") {}

/** Requires a bearer token of the configured identity provider (RFC 6750). */
export class BearerIdentity extends HttpApiMiddleware.Service<BearerIdentity, { provides: CurrentIdentity }>()(
  "tbg-api/http/api/BearerIdentity",
  {
    security: {
      bearer: HttpApiSecurity.http({ scheme: "bearer" }).pipe(
        HttpApiSecurity.annotateMerge(
          OpenApi.annotations({ format: "JWT", description: "User's token from the identity provider" })
        )
      )
    },
    error: [Unauthorized, ServiceUnavailable]
  }
) {}
