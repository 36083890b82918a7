import { Effect } from "effect"
import { AppConfig } from "../../layers/AppConfig.ts"
import { isDeployed } from "../../layers/config/Rules.ts"
import type { Environment } from "../../layers/config/Rules.ts"
import { UsageError } from "../CommandErrors.ts"

/** Returns the error of a command that is refused when deployed; `undefined` in development and test. */
export const refusalIn = (environment: Environment, what: string, instead: string): UsageError | undefined =>
  isDeployed(environment)
    ? new UsageError({ message: `${what} is refused in ${environment}, because it creates demo data; ${instead}` })
    : undefined

export const refuseDeployed = Effect.fnUntraced(function* (what: string, instead: string) {
  const { environment } = yield* AppConfig
  const refusal = refusalIn(environment, what, instead)
  if (refusal !== undefined) return yield* refusal
})
