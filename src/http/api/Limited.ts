import { Context } from "effect"
import { HttpApiMiddleware } from "effect/http-api"
import { RateLimited } from "../Errors.ts"

/**
 * Which limit an endpoint is under: `ip` counts by client address, `key` by API key. `none` exempts it, and is said, so
 * that no endpoint is without a limit by oversight.
 */
export const LimitedBy = Context.Reference<"ip" | "key" | "none">("tbg-api/http/api/LimitedBy", {
  defaultValue: () => "ip"
})

/** On endpoints that are limited: it declares 429, and admits requests or refuses them. */
export class Limited extends HttpApiMiddleware.Service<Limited>()("tbg-api/http/api/Limited", {
  error: RateLimited
}) {}
