import { policies } from "../../baseline/BaselinePolicy.ts"
import { databaseTarget } from "./DatabaseTarget.ts"
import { boolean, integer, longestTimerMs, milliseconds, oneOf, optional } from "./Kind.ts"
import { redisTarget } from "./RedisTarget.ts"
import { developmentSecret, secretKey } from "./Secret.ts"
import { derived, setting } from "./Setting.ts"

/** What is kept, and where. */
export const storeSettings = {
  database: {
    target: setting(
      "TBG_DATABASE_URL",
      databaseTarget,
      { _tag: "Embedded", folder: undefined },
      "Postgres, or a database in this process; required in staging and production.",
      { required: true }
    ),
    pool: setting("TBG_DATABASE_POOL", boolean, true, "off opens a connection a checkout, for serverless."),
    poolMax: setting("TBG_DATABASE_POOL_MAX", integer(1, 10_000), 20, "Most connections of this process."),
    poolMin: setting("TBG_DATABASE_POOL_MIN", integer(0, 10_000), 0, "Connections kept open while idle."),
    connectTimeoutMs: setting("TBG_DATABASE_CONNECT_TIMEOUT_MS", milliseconds, 5000, "Time to open a connection."),
    acquireTimeoutMs: setting(
      "TBG_DATABASE_ACQUIRE_TIMEOUT_MS",
      milliseconds,
      3000,
      "Time to wait for a free connection."
    ),
    statementTimeoutMs: setting("TBG_DATABASE_STATEMENT_TIMEOUT_MS", milliseconds, 8000, "Time for one statement."),
    statementCache: setting(
      "TBG_DATABASE_STATEMENT_CACHE",
      boolean,
      true,
      "off prepares no statement, as a pooler in transaction mode wants it."
    ),
    startTimeoutMs: setting(
      "TBG_DATABASE_START_TIMEOUT_MS",
      milliseconds,
      60_000,
      "Time to wait for Postgres at start."
    )
  },
  migrations: {
    onStart: setting("TBG_MIGRATE_ON_START", boolean, true, "Migrates before serving; off where a job does it."),
    baselinePolicy: setting(
      "TBG_BASELINE_POLICY",
      oneOf(...policies),
      "verify",
      "What to do about a schema that is not as expected."
    ),
    driftIntervalSeconds: setting(
      "TBG_DRIFT_INTERVAL_SECONDS",
      integer(0, Math.floor(longestTimerMs / 1000)),
      300,
      "Time between looks at the schema; 0 turns them off."
    )
  },
  redis: {
    target: setting(
      "TBG_REDIS_URL",
      redisTarget,
      { _tag: "Embedded" },
      "Redis, or a limiter in this process; required in staging and production.",
      { required: true }
    )
  },
  apiKeys: {
    secret: derived(
      "TBG_SECRET_KEY",
      secretKey,
      () => developmentSecret,
      "Keys the hashes of the API keys and the signatures of the cursors; required in staging and production.",
      { required: true }
    ),
    previousSecret: setting(
      "TBG_SECRET_KEY_PREVIOUS",
      optional(secretKey),
      undefined,
      "The key before, while rotating."
    ),
    cacheSeconds: setting(
      "TBG_KEY_CACHE_SECONDS",
      integer(0, 86_400),
      5,
      "Time that a key is remembered; 0 turns that off."
    )
  }
}
