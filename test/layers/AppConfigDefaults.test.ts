import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import pkg from "../../package.json" with { type: "json" }
import { configFrom as configIn } from "../../src/layers/config/Read.ts"
import { noFile } from "../../src/layers/config/DotEnv.ts"
import type { Variables } from "../../src/layers/config/DotEnv.ts"
import { configFrom, deployed, validSecret } from "../support/ConfigFrom.ts"

/** Contract sections 2 to 7. */
const contract = {
  TBG_ENVIRONMENT: "development",
  TBG_DEBUG: "false",
  TBG_PROJECT_NAME: "The Bitcoin Game API",
  TBG_APP_VERSION: pkg.version,
  TBG_BUILD_SHA: "dev",
  TBG_HOST: "0.0.0.0",
  TBG_PORT: "8000",
  TBG_DATABASE_URL: "embedded",
  TBG_DATABASE_POOL: "true",
  TBG_DATABASE_POOL_MAX: "20",
  TBG_DATABASE_POOL_MIN: "0",
  TBG_DATABASE_CONNECT_TIMEOUT_MS: "5000",
  TBG_DATABASE_ACQUIRE_TIMEOUT_MS: "3000",
  TBG_DATABASE_STATEMENT_TIMEOUT_MS: "8000",
  TBG_DATABASE_STATEMENT_CACHE: "true",
  TBG_DATABASE_START_TIMEOUT_MS: "60000",
  TBG_REQUEST_TIMEOUT_MS: "10000",
  TBG_KEEP_ALIVE_TIMEOUT_MS: "65000",
  TBG_MAX_IN_FLIGHT: "1000",
  TBG_MAX_STREAMS: "10000",
  TBG_PAGE_ENABLED: "true",
  TBG_MAX_EVENT_LOOP_DELAY_MS: "500",
  TBG_MAX_BODY_BYTES: "262144",
  TBG_REPLICAS: "1",
  TBG_RATE_LIMIT_REQUESTS: "100",
  TBG_RATE_LIMIT_WINDOW_SECONDS: "60",
  TBG_RATE_LIMIT_KEY_REQUESTS: "60",
  TBG_RATE_LIMIT_BUDGET_MS: "50",
  TBG_RATE_LIMIT_MODE: "enforce",
  TBG_RATE_LIMIT_MAX_KEYS: "100000",
  TBG_AUTH_FAILURE_LIMIT: "20",
  TBG_BITCOIN_NETWORK: "mainnet",
  TBG_PUBLIC_URL: "http://localhost:8000",
  TBG_ACCEPT_BIP137: "true",
  TBG_SIGNIN_LIMIT: "10",
  TBG_KEY_CACHE_SECONDS: "5",
  TBG_RETENTION_DAYS: "30",
  TBG_DRIFT_INTERVAL_SECONDS: "300",
  TBG_REDIS_URL: "embedded",
  TBG_PUBLIC_MINERS: "true",
  TBG_PROJECTION: "true",
  TBG_MINING_REDIS_URL: "embedded",
  TBG_CORS_ORIGINS: "http://localhost:5173,http://localhost:3000",
  TBG_TRUSTED_PROXIES: "",
  TBG_CLIENT_ADDRESS_HEADER: "x-forwarded-for",
  TBG_READY_REQUIRES_REDIS: "false",
  TBG_READY_TIMEOUT_MS: "1000",
  TBG_METRICS_ENABLED: "true",
  TBG_METRICS_TOKEN: "",
  TBG_DOCS_ENABLED: "true",
  TBG_SECRET_KEY: "<redacted>",
  TBG_SECRET_KEY_PREVIOUS: "",
  TBG_LOG_LEVEL: "INFO",
  TBG_LOG_FORMAT: "json",
  TBG_OTLP_ENDPOINT: "",
  TBG_TRACE_SAMPLE_RATIO: "1",
  TBG_MIGRATE_ON_START: "true",
  TBG_BASELINE_POLICY: "verify",
  TBG_SHUTDOWN_DELAY_MS: "0",
  TBG_SHUTDOWN_TIMEOUT_MS: "20000",
  TBG_AUTH_PROVIDER: "none",
  TBG_SUPABASE_URL: "",
  TBG_CLERK_ISSUER: "",
  TBG_OAUTH_ISSUER: "",
  TBG_OAUTH_JWKS_URL: "",
  TBG_OAUTH_AUDIENCE: "",
  TBG_OAUTH_ALGORITHMS: "RS256"
}

describe("the defaults", () => {
  it.effect("match the contract for exactly its variables", () =>
    Effect.gen(function* () {
      const { entries } = yield* configFrom({})
      assert.deepStrictEqual(Object.fromEntries(entries.map(({ value, variable }) => [variable, value])), contract)
    })
  )

  it.effect("are marked as defaults", () =>
    Effect.gen(function* () {
      const { entries } = yield* configFrom({})
      assert.isTrue(entries.every(({ source }) => source === "default"))
    })
  )

  it.effect("form a complete configuration for an empty environment", () =>
    Effect.gen(function* () {
      const { apiKeys, database, http, log, redis, warnings } = yield* configFrom({})
      assert.deepStrictEqual(database.target, { _tag: "Embedded", folder: undefined })
      assert.deepStrictEqual(redis.target, { _tag: "Embedded" })
      assert.deepStrictEqual(log, { level: "Info", format: "json" })
      assert.deepStrictEqual(http.corsOrigins, ["http://localhost:5173", "http://localhost:3000"])
      assert.isAtLeast(Redacted.value(apiKeys.secret).length, 32)
      assert.deepStrictEqual(warnings, [])
    })
  )

  const perEnvironment: ReadonlyArray<readonly [name: string, variables: Variables, expected: object]> = [
    ["development", {}, { docs: true, metrics: true, delayMs: 0 }],
    ["test", { TBG_ENVIRONMENT: "test" }, { docs: true, metrics: true, delayMs: 0 }],
    ["staging", deployed("staging"), { docs: false, metrics: false, delayMs: 0 }],
    ["production", deployed("production"), { docs: false, metrics: false, delayMs: 5000 }],
    ["staging with debug", { ...deployed("staging"), TBG_DEBUG: "true" }, { docs: true, metrics: false, delayMs: 0 }],
    [
      "production with a metrics token",
      { ...deployed("production"), TBG_METRICS_TOKEN: "t" },
      { docs: false, metrics: true, delayMs: 5000 }
    ],
    [
      "production with metrics on",
      { ...deployed("production"), TBG_METRICS_ENABLED: "true" },
      { docs: false, metrics: true, delayMs: 5000 }
    ],
    [
      "metrics off beside a token",
      { TBG_METRICS_TOKEN: "t", TBG_METRICS_ENABLED: "off" },
      { docs: true, metrics: false, delayMs: 0 }
    ],
    ["docs off with debug", { TBG_DOCS_ENABLED: "no", TBG_DEBUG: "1" }, { docs: false, metrics: true, delayMs: 0 }],
    [
      "production with docs on",
      { ...deployed("production"), TBG_DOCS_ENABLED: "yes" },
      { docs: true, metrics: false, delayMs: 5000 }
    ]
  ]

  for (const [name, variables, expected] of perEnvironment) {
    it.effect(`turn docs, metrics and delay on or off for ${name}`, () =>
      Effect.gen(function* () {
        const { docs, metrics, shutdown } = yield* configFrom(variables)
        assert.deepStrictEqual({ docs: docs.enabled, metrics: metrics.enabled, delayMs: shutdown.delayMs }, expected)
      })
    )
  }

  it.effect("set the level to DEBUG in debug mode, unless a level is set", () =>
    Effect.gen(function* () {
      const byDebug = yield* configFrom({ TBG_DEBUG: "true" })
      const bySetting = yield* configFrom({ TBG_DEBUG: "true", TBG_LOG_LEVEL: "error" })
      assert.deepStrictEqual([byDebug.log.level, bySetting.log.level], ["Debug", "Error"])
    })
  )

  it.effect("use the console format on a terminal", () =>
    Effect.gen(function* () {
      const { log } = yield* configIn({ environment: {}, file: noFile, isTerminal: true })
      assert.strictEqual(log.format, "console")
    })
  )

  it.effect("leave the previous secret unset", () =>
    Effect.gen(function* () {
      const { apiKeys } = yield* configFrom({ ...deployed("production"), TBG_SECRET_KEY_PREVIOUS: `${validSecret}old` })
      assert.strictEqual(apiKeys.previousSecret && Redacted.value(apiKeys.previousSecret), `${validSecret}old`)
    })
  )
})
