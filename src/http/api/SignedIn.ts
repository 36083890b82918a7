import { Context } from "effect"
import { HttpApiMiddleware, HttpApiSecurity, OpenApi } from "effect/http-api"
import type { SignedInCaller } from "../../domain/Session.ts"
import { RateLimited, Unauthorized } from "../Errors.ts"

/** Player who signed in, with the session of the access token that came with the request. */
export class CurrentSession extends Context.Service<CurrentSession, SignedInCaller>()(
  "tbg-api/http/api/CurrentSession"
) {}

/** Requires an access token (RFC 6750) and limits requests by its session (policy `session`). */
export class SignedIn extends HttpApiMiddleware.Service<SignedIn, { provides: CurrentSession }>()(
  "tbg-api/http/api/SignedIn",
  {
    security: {
      session: HttpApiSecurity.http({ scheme: "bearer" }).pipe(
        HttpApiSecurity.annotateMerge(
          OpenApi.annotations({ format: "tbgs_…", description: "Access token of a session, from /api/v1/auth/verify" })
        )
      )
    },
    error: [Unauthorized, RateLimited]
  }
) {}

/**
 * Reads the access token if there is one, so that owners see their hidden miners. Requests without a valid
 * token get the public answer.
 */
export class OptionalSession extends HttpApiMiddleware.Service<OptionalSession>()("tbg-api/http/api/OptionalSession") {}

/** Session of the request's access token on an endpoint with `OptionalSession`; undefined without one. */
export const GivenSession = Context.Reference<SignedInCaller | undefined>("tbg-api/http/api/GivenSession", {
  defaultValue: () => undefined
})

/** OpenAPI's security of endpoints with `OptionalSession`. */
export const optionalSession = OpenApi.annotations({ override: { security: [{}, { session: [] }] } })

/** Limits attempts to sign in by client address (policy `signin`), for each endpoint alone. */
export class LimitSignIn extends HttpApiMiddleware.Service<LimitSignIn>()("tbg-api/http/api/LimitSignIn", {
  error: RateLimited
}) {}
