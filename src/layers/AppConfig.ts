import { Context, Effect, Layer, Result } from "effect"
import type { LogLevel, Redacted } from "effect"
import type { Policy } from "../baseline/BaselinePolicy.ts"
import type { Provider, SignatureAlgorithm } from "../domain/Identity.ts"
import { configFrom } from "./config/Config.ts"
import type { ConfigInvalid } from "./config/ConfigInvalid.ts"
import type { DatabaseTarget } from "./config/DatabaseTarget.ts"
import type { RedisTarget } from "./config/RedisTarget.ts"
import type { Environment } from "./config/Setting.ts"
import { variablesInFile } from "./config/Sources.ts"
import type { Source, Variables } from "./config/Sources.ts"

export { ConfigInvalid } from "./config/ConfigInvalid.ts"
export { describeDatabase } from "./config/DatabaseTarget.ts"
export type { DatabaseTarget } from "./config/DatabaseTarget.ts"
export { describeRedis } from "./config/RedisTarget.ts"
export type { RedisTarget } from "./config/RedisTarget.ts"

/**
 * The configuration, checked (contract section 6); nothing else reads the environment or `.env`.
 *
 * Times are in the unit that the name ends in. No secret shows where the service is printed.
 */
export class AppConfig extends Context.Service<
  AppConfig,
  {
    readonly environment: Environment
    readonly debug: boolean
    readonly projectName: string
    readonly appVersion: string
    readonly buildSha: string
    readonly retentionDays: number
    readonly http: {
      readonly host: string
      readonly port: number
      readonly requestTimeoutMs: number
      readonly keepAliveTimeoutMs: number
      readonly maxInFlight: number
      readonly maxDelayMs: number
      readonly maxBodyBytes: number
      /** As browsers send them. */
      readonly corsOrigins: ReadonlyArray<string>
      /** Addresses and CIDR networks. */
      readonly trustedProxies: ReadonlyArray<string>
      /** In lower case. */
      readonly clientAddressHeader: string
    }
    readonly database: {
      readonly target: DatabaseTarget
      readonly pool: boolean
      readonly poolMax: number
      readonly poolMin: number
      readonly connectTimeoutMs: number
      readonly acquireTimeoutMs: number
      readonly statementTimeoutMs: number
      readonly statementCache: boolean
      readonly startTimeoutMs: number
    }
    readonly redis: { readonly target: RedisTarget }
    readonly readiness: { readonly requiresRedis: boolean; readonly timeoutMs: number }
    readonly rateLimit: {
      readonly requests: number
      readonly keyRequests: number
      readonly windowSeconds: number
      readonly budgetMs: number
      readonly mode: "enforce" | "shadow" | "off"
      readonly replicas: number
      readonly maxKeys: number
      /** Per minute and address. */
      readonly authFailureLimit: number
    }
    readonly apiKeys: {
      readonly secret: Redacted.Redacted
      readonly previousSecret: Redacted.Redacted | undefined
      readonly cacheSeconds: number
    }
    readonly log: { readonly level: LogLevel.LogLevel; readonly format: "json" | "console" }
    readonly metrics: { readonly enabled: boolean; readonly token: Redacted.Redacted | undefined }
    readonly docs: { readonly enabled: boolean }
    readonly tracing: { readonly endpoint: string | undefined; readonly sampleRatio: number }
    readonly migrations: {
      readonly onStart: boolean
      readonly baselinePolicy: Policy["policy"]
      readonly driftIntervalSeconds: number
    }
    readonly shutdown: { readonly delayMs: number; readonly timeoutMs: number }
    readonly auth: {
      readonly provider: "none" | Provider
      readonly issuer: string | undefined
      readonly jwksUrl: string | undefined
      readonly audience: string | undefined
      readonly algorithms: ReadonlyArray<SignatureAlgorithm>
    }
    /** Warnings about settings without effect, such as misspelled variables. */
    readonly warnings: ReadonlyArray<string>
    /** Every variable, with its effective value, redacted, and where that came from. */
    readonly entries: ReadonlyArray<{ readonly variable: string; readonly value: string; readonly source: Source }>
  }
>()("tbg-api/layers/AppConfig") {
  /** From the environment and the `.env` of the working directory, which need not exist. */
  static readonly layer: Layer.Layer<AppConfig, ConfigInvalid> = Layer.effect(
    AppConfig,
    Effect.suspend(() => {
      const file = variablesInFile(".env")
      // oxlint-disable-next-line eslint/no-restricted-properties -- the one place that reads the environment
      const environment: Variables = process.env
      return configFrom({
        environment,
        file: Result.getOrElse(file, () => ({})),
        terminal: process.stdout.isTTY,
        problems: Result.isFailure(file) ? [file.failure] : []
      })
    })
  )

  /** From these variables only, for tests: no file, no terminal. */
  static readonly layerFrom = (variables: Variables): Layer.Layer<AppConfig, ConfigInvalid> =>
    Layer.effect(AppConfig, configFrom({ environment: variables, file: {}, terminal: false, problems: [] }))
}
