import { Effect, Redacted, Result } from "effect"
import type { ConfigInvalid } from "../../layers/AppConfig.ts"
import { AppConfig } from "../../layers/AppConfig.ts"
import { isPlaceholder } from "../../layers/config/Secret.ts"
import { IdentityProvider } from "../../layers/IdentityProvider.ts"
import { failed, ok, warning } from "./Check.ts"
import type { Check, Examined, Finding } from "./Check.ts"

const name = "settings"

const misnamed = (line: string): Finding => warning(line, "correct or remove what it names")

/** As they are listed at start, one by one. */
export const problemsIn = ({ problems, warnings }: ConfigInvalid): ReadonlyArray<Examined> => [
  ...problems.map(({ found, variable, expected }) => ({
    name,
    ...failed(`${variable}: found ${found}`, `make it ${expected}`)
  })),
  ...warnings.map((line) => ({ name, ...misnamed(line) }))
]

export const settings: Check<AppConfig> = {
  name,
  look: Effect.map(AppConfig, ({ entries, environment, warnings }) =>
    warnings.length > 0
      ? misnamed(warnings.join("; "))
      : ok(`${environment}, ${entries.filter(({ source }) => source !== "default").length} set, all valid`)
  )
}

/** Fewer different characters than that are a pattern, and no product of chance. */
const leastCharacters = 10

export const secretFinding = (secret: Redacted.Redacted): Finding => {
  const mend = "set TBG_SECRET_KEY to what `openssl rand -hex 32` prints"
  if (isPlaceholder(secret))
    return warning(
      "the built-in development secret, or another published one; do not use it where anyone else can connect",
      mend
    )
  const different = new Set(Redacted.value(secret)).size
  return different < leastCharacters
    ? warning(`only ${different} different characters`, mend)
    : ok("long enough, and not a published one")
}

export const secret: Check<AppConfig> = {
  name: "secret key",
  look: Effect.map(AppConfig, ({ apiKeys }) => secretFinding(apiKeys.secret))
}

export const identity: Check<IdentityProvider> = {
  name: "identity provider",
  look: Effect.gen(function* () {
    const { tokens } = yield* IdentityProvider
    if (tokens === undefined) return ok("none")
    const keySet = yield* Effect.result(tokens.keySet)
    return Result.isSuccess(keySet)
      ? ok(`${tokens.provider}: its keys can be fetched`)
      : failed(
          `the keys of ${tokens.provider} cannot be fetched: ${keySet.failure.fault}`,
          "let this machine reach the provider, or correct the address of its keys"
        )
  })
}
