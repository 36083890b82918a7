import { Context } from "effect"
import { HttpApiMiddleware, HttpApiSecurity, OpenApi } from "effect/http-api"
import type { Identity } from "../../domain/Identity.ts"
import { ServiceUnavailable, Unauthorized } from "../Errors.ts"

/** The user whose token came with the request. */
export class CurrentIdentity extends Context.Service<CurrentIdentity, Identity>()("tbg-api/http/api/CurrentIdentity") {}

/** On endpoints for users: it wants a bearer token of the configured provider (RFC 6750), and tells whose it is. */
export class BearerIdentity extends HttpApiMiddleware.Service<BearerIdentity, { provides: CurrentIdentity }>()(
  "tbg-api/http/api/BearerIdentity",
  {
    security: {
      bearer: HttpApiSecurity.bearer.pipe(
        HttpApiSecurity.annotateMerge(
          OpenApi.annotations({ format: "JWT", description: "A token that the identity provider gave to its user" })
        )
      )
    },
    error: [Unauthorized, ServiceUnavailable]
  }
) {}
