import { policies } from "../../baseline/BaselinePolicy.ts"
import { boolean, integer, longestTimerMs, milliseconds, oneOf } from "./Codecs.ts"
import { databaseUrl } from "./DatabaseTarget.ts"
import { refuseEmbedded, refusePublished } from "./Environment.ts"
import { redisUrl } from "./RedisTarget.ts"
import { derived, optional, row } from "./Row.ts"
import { developmentSecret, secretKey } from "./Secret.ts"

const poolMax = row("TBG_DATABASE_POOL_MAX", integer(1, 10_000), 20, { doc: "Most connections of this process." })

export const database = {
  target: row(
    "TBG_DATABASE_URL",
    databaseUrl,
    { _tag: "Embedded", folder: undefined },
    {
      doc: "Postgres, or a database in this process; required in staging and production.",
      required: true,
      rule: refuseEmbedded("postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
    }
  ),
  pool: row("TBG_DATABASE_POOL", boolean, true, { doc: "off opens a connection a checkout, for serverless." }),
  poolMax,
  poolMin: row("TBG_DATABASE_POOL_MIN", integer(0, 10_000), 0, {
    doc: "Connections kept open while idle.",
    rule: (poolMin, { read }) => {
      const { problem, value } = read(poolMax)
      if (problem !== undefined || poolMin <= value) return undefined
      return { found: `"${poolMin}"`, wanted: `at most TBG_DATABASE_POOL_MAX, which is ${value}` }
    }
  }),
  connectTimeoutMs: row("TBG_DATABASE_CONNECT_TIMEOUT_MS", milliseconds, 5000, { doc: "Time to open a connection." }),
  acquireTimeoutMs: row("TBG_DATABASE_ACQUIRE_TIMEOUT_MS", milliseconds, 3000, {
    doc: "Time to wait for a free connection."
  }),
  statementTimeoutMs: row("TBG_DATABASE_STATEMENT_TIMEOUT_MS", milliseconds, 8000, { doc: "Time for one statement." }),
  statementCache: row("TBG_DATABASE_STATEMENT_CACHE", boolean, true, {
    doc: "off prepares no statement, as a pooler in transaction mode wants it."
  }),
  startTimeoutMs: row("TBG_DATABASE_START_TIMEOUT_MS", milliseconds, 60_000, {
    doc: "Time to wait for Postgres at start."
  })
}

export const migrations = {
  onStart: row("TBG_MIGRATE_ON_START", boolean, true, { doc: "Migrates before serving; off where a job does it." }),
  baselinePolicy: row("TBG_BASELINE_POLICY", oneOf(...policies), "verify", {
    doc: "What to do about a schema that is not as expected."
  }),
  driftIntervalSeconds: row("TBG_DRIFT_INTERVAL_SECONDS", integer(0, Math.floor(longestTimerMs / 1000)), 300, {
    doc: "Time between looks at the schema; 0 turns them off."
  })
}

export const redis = {
  target: row(
    "TBG_REDIS_URL",
    redisUrl,
    { _tag: "Embedded" },
    {
      doc: "Redis, or a limiter in this process; required in staging and production.",
      required: true,
      rule: refuseEmbedded("redis://HOST:PORT")
    }
  )
}

export const apiKeys = {
  secret: derived("TBG_SECRET_KEY", secretKey, () => developmentSecret, {
    doc: "Keys the hashes of the API keys and the signatures of the cursors; required in staging and production.",
    required: true,
    rule: refusePublished
  }),
  previousSecret: optional("TBG_SECRET_KEY_PREVIOUS", secretKey, {
    doc: "The key before, while rotating.",
    rule: refusePublished
  }),
  cacheSeconds: row("TBG_KEY_CACHE_SECONDS", integer(0, 86_400), 5, {
    doc: "Time that a key is remembered; 0 turns that off."
  })
}
