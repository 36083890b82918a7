import { Effect, Redacted, Result } from "effect"
import type { ConfigInvalid } from "../../layers/AppConfig.ts"
import { AppConfig } from "../../layers/AppConfig.ts"
import { isPlaceholder } from "../../layers/config/Rules.ts"
import { IdentityProvider } from "../../layers/IdentityProvider.ts"
import { failed, ok, warning } from "./Check.ts"
import type { CheckResult, Finding } from "./Check.ts"

const unknownSetting = (line: string): Finding => warning(line, "correct or remove it")

/** Results for an invalid configuration, with the problems that startup reports. */
export const problemsIn = ({ problems, warnings }: ConfigInvalid): ReadonlyArray<CheckResult> => [
  ...problems.map(({ found, variable, expected }) => ({
    name: "settings",
    ...failed(`${variable}: found ${found}`, `set it to ${expected}`)
  })),
  ...warnings.map((line) => ({ name: "settings", ...unknownSetting(line) }))
]

export const settings = Effect.map(AppConfig, ({ entries, environment, warnings }) =>
  warnings.length > 0
    ? unknownSetting(warnings.join("; "))
    : ok(`${environment}, ${entries.filter(({ source }) => source !== "default").length} set, all valid`)
)

/** Random secrets have more distinct characters. */
const minDistinct = 10

export const secretFinding = (secret: Redacted.Redacted): Finding => {
  const fix = "set TBG_SECRET_KEY to the output of `openssl rand -hex 32`"
  if (isPlaceholder(secret))
    return warning("a published secret, such as the development default; unsafe if others can connect", fix)
  const distinct = new Set(Redacted.value(secret)).size
  return distinct < minDistinct
    ? warning(`only ${distinct} distinct characters`, fix)
    : ok("long enough and not published")
}

export const secret = Effect.map(AppConfig, ({ apiKeys }) => secretFinding(apiKeys.secret))

export const identity = Effect.gen(function* () {
  const { tokens } = yield* IdentityProvider
  if (tokens === undefined) return ok("none")
  const keySet = yield* Effect.result(tokens.keySet)
  return Result.isSuccess(keySet)
    ? ok(`${tokens.provider}: the keys are available`)
    : failed(
        `the keys of ${tokens.provider} cannot be fetched: ${keySet.failure.fault}`,
        "allow connections to the provider, or correct the URL of its keys"
      )
}).pipe(Effect.provide(IdentityProvider.layer))
