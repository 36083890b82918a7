import { Context, Effect, Layer, Result } from "effect"
import type { ConfigInvalid } from "./config/ConfigInvalid.ts"
import { configFrom } from "./config/Read.ts"
import { variablesInFile } from "./config/Sources.ts"
import type { Variables } from "./config/Sources.ts"

export { ConfigInvalid } from "./config/ConfigInvalid.ts"
export { describeDatabase } from "./config/DatabaseTarget.ts"
export type { DatabaseTarget } from "./config/DatabaseTarget.ts"
export { describeRedis } from "./config/RedisTarget.ts"
export type { RedisTarget } from "./config/RedisTarget.ts"

/**
 * Valid configuration, as declared in `config/Table.ts` (contract section 6). Nothing else reads the environment or
 * `.env`. Times are in the unit that their name ends in. Printing the service shows no secret.
 */
export class AppConfig extends Context.Service<AppConfig, Effect.Success<ReturnType<typeof configFrom>>>()(
  "tbg-api/layers/AppConfig"
) {
  /** Reads the environment and the `.env` of the working directory, which need not exist. */
  static readonly layer: Layer.Layer<AppConfig, ConfigInvalid> = Layer.effect(
    AppConfig,
    Effect.suspend(() => {
      const file = variablesInFile(".env")
      // oxlint-disable-next-line eslint/no-restricted-properties -- the only reader of the environment
      const environment: Variables = process.env
      return configFrom({
        environment,
        file: Result.getOrElse(file, () => ({})),
        isTerminal: process.stdout.isTTY,
        problems: Result.isFailure(file) ? [file.failure] : []
      })
    })
  )

  /** Reads only these variables, for tests: no file, no terminal. */
  static readonly layerFrom = (variables: Variables): Layer.Layer<AppConfig, ConfigInvalid> =>
    Layer.effect(AppConfig, configFrom({ environment: variables, file: {}, isTerminal: false, problems: [] }))
}
