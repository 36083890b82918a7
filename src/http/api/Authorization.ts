import { Context } from "effect"
import { HttpApiMiddleware, HttpApiSecurity, OpenApi } from "effect/http-api"
import type { Caller } from "../../domain/ApiKey.ts"
import { Forbidden, RateLimited, Unauthorized } from "../Errors.ts"

/** Result of identifying a caller by its API key. */
export class CallerIdentity extends Context.Service<
  CallerIdentity,
  {
    /** Undefined if no valid key was sent. */
    readonly caller: Caller | undefined
    /** Whether the key that was sent is malformed, unknown, expired or revoked. */
    readonly isRejected: boolean
  }
>()("tbg-api/http/api/CallerIdentity") {}

/** Owner of a valid API key, whose team is also the one in the path. */
export class CurrentCaller extends Context.Service<CurrentCaller, Caller>()("tbg-api/http/api/CurrentCaller") {}

/** Reads the bearer token (RFC 6750). Anonymous requests pass, so that they are counted by client address. */
export class Identify extends HttpApiMiddleware.Service<Identify, { provides: CallerIdentity }>()(
  "tbg-api/http/api/Identify",
  {
    security: {
      apiKey: HttpApiSecurity.http({ scheme: "bearer" }).pipe(
        HttpApiSecurity.annotateMerge(
          OpenApi.annotations({
            format: "tbg_…",
            description: "API key of the team, created with `tbg keys create`"
          })
        )
      )
    },
    error: RateLimited
  }
) {}

/** Limits requests by API key, or by client address without a valid key (policy `key`). */
export class LimitByKey extends HttpApiMiddleware.Service<LimitByKey, { requires: CallerIdentity }>()(
  "tbg-api/http/api/LimitByKey",
  { error: RateLimited }
) {}

/** Limits requests by client address (policy `ip`). */
export class LimitByAddress extends HttpApiMiddleware.Service<LimitByAddress>()("tbg-api/http/api/LimitByAddress", {
  error: RateLimited
}) {}

/** Requires a valid API key, and under `:team` a key of that team. */
export class Authorization extends HttpApiMiddleware.Service<
  Authorization,
  { provides: CurrentCaller; requires: CallerIdentity }
>()("tbg-api/http/api/Authorization", { error: [Unauthorized, Forbidden] }) {}
