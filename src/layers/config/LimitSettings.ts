import { boolean, decimal, integer, milliseconds, oneOf } from "./Kind.ts"
import { setting } from "./Setting.ts"

/** How much is served, and when a dependency counts as lost (contract sections 2 and 5). */
export const limitSettings = {
  rateLimit: {
    requests: setting("TBG_RATE_LIMIT_REQUESTS", integer(1, 1_000_000), 100, "Requests of one address in a window."),
    keyRequests: setting(
      "TBG_RATE_LIMIT_KEY_REQUESTS",
      integer(1, 1_000_000),
      60,
      "Requests of one API key in a window."
    ),
    windowSeconds: setting("TBG_RATE_LIMIT_WINDOW_SECONDS", decimal(0.1, 86_400), 60, "Length of the sliding window."),
    budgetMs: setting(
      "TBG_RATE_LIMIT_BUDGET_MS",
      milliseconds,
      50,
      "Most that a check may cost before it is made in process."
    ),
    mode: setting(
      "TBG_RATE_LIMIT_MODE",
      oneOf("enforce", "shadow", "off"),
      "enforce",
      "shadow counts and logs, and never denies."
    ),
    maxKeys: setting(
      "TBG_RATE_LIMIT_MAX_KEYS",
      integer(1, 100_000_000),
      100_000,
      "Callers that the limiter in process remembers."
    ),
    replicas: setting("TBG_REPLICAS", integer(1, 10_000), 1, "Processes that share a limit while Redis is away."),
    authFailureLimit: setting(
      "TBG_AUTH_FAILURE_LIMIT",
      integer(1, 1_000_000),
      20,
      "Bad credentials of one address in a minute."
    )
  },
  readiness: {
    requiresRedis: setting("TBG_READY_REQUIRES_REDIS", boolean, false, "Without Redis the service is not ready."),
    timeoutMs: setting("TBG_READY_TIMEOUT_MS", milliseconds, 1000, "Time for a readiness probe.")
  }
}
