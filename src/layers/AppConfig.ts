import { Context, Effect, Layer } from "effect"
import type { ConfigInvalid } from "./config/Read.ts"
import { noFile, readDotEnv } from "./config/DotEnv.ts"
import type { Variables } from "./config/DotEnv.ts"
import { configFrom } from "./config/Read.ts"

export { ConfigInvalid } from "./config/Read.ts"
export { describeDatabase } from "./config/DatabaseTarget.ts"
export type { DatabaseTarget } from "./config/DatabaseTarget.ts"
export { describeRedis } from "./config/RedisTarget.ts"
export type { RedisTarget } from "./config/RedisTarget.ts"

/**
 * Valid configuration, declared in `config/Table.ts` (contract section 6). Nothing else reads the environment or `.env`.
 * Secrets are redacted when it is printed.
 */
export class AppConfig extends Context.Service<AppConfig, Effect.Success<ReturnType<typeof configFrom>>>()(
  "tbg-api/layers/AppConfig"
) {
  /** Reads the environment and the optional `.env` of the working directory. */
  static readonly layer: Layer.Layer<AppConfig, ConfigInvalid> = Layer.effect(
    AppConfig,
    Effect.suspend(() => {
      // oxlint-disable-next-line eslint/no-restricted-properties -- the only reader of the environment
      const environment: Variables = process.env
      return configFrom({
        environment,
        file: readDotEnv(".env", environment),
        isTerminal: process.stdout.isTTY
      })
    })
  )

  static readonly layerFrom = (variables: Variables): Layer.Layer<AppConfig, ConfigInvalid> =>
    Layer.effect(AppConfig, configFrom({ environment: variables, file: noFile, isTerminal: false }))
}
