import { PgClient } from "@effect/sql-pg"
import { Context, Effect, Layer, Predicate } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { SqlClient } from "effect/sql"
import { SqlError, UnknownError } from "effect/sql/SqlError"
import { IsShortRead } from "../domain/Dependency.ts"
import type { DependencyDown } from "../domain/Dependency.ts"
import type { PoolFigures } from "../domain/Health.ts"
import { AppConfig } from "./AppConfig.ts"
import type { DatabaseTarget } from "./AppConfig.ts"
import { databaseDown, faultOfSqlError } from "./database/Fault.ts"
import { makeTimed } from "./database/Metrics.ts"
import { makeSessionPool } from "./database/SessionPool.ts"
import type { SessionPool, SessionPoolOptions } from "./database/SessionPool.ts"
import { makeSqlConnection } from "./database/SqlConnection.ts"
import { transportOf } from "./database/Transport.ts"
import { makeWriteState } from "./database/WriteState.ts"
import { makeEmbeddedDatabase } from "./EmbeddedDatabase.ts"

type Config = AppConfig["Service"]

/** Time that the server has to answer a statement after the statement timeout. */
const answerMarginMs = 2000

/**
 * Postgres: `SqlClient` for whoever queries, and this service for whoever watches.
 *
 * `layer` provides both, over a server or, as `TBG_DATABASE_URL` says, over a PGlite in the process. It is lazy: it
 * succeeds while the server is away, and the first query fails instead.
 */
export class Database extends Context.Service<
  Database,
  {
    /** One round trip to the server. It has no deadline of its own but the ones of the pool and the statement. */
    readonly probe: Effect.Effect<void, DependencyDown>
    readonly figures: Effect.Effect<PoolFigures>
  }
>()("tbg-api/layers/Database") {
  static readonly layer = Layer.effectContext(
    Effect.gen(function* () {
      const config = yield* AppConfig
      const pool = yield* makeSessionPool(yield* poolOptions(config))
      const writes = yield* makeWriteState({ tryWrite: pool.tryWrite, onRecovery: pool.renew })
      const connectionOf = makeSqlConnection(yield* makeTimed, writes.observe)
      const sql = yield* makeSqlClient(pool, config.database.target, connectionOf)
      return Context.make(SqlClient.SqlClient, sql).pipe(
        Context.add(Database, {
          probe: Effect.andThen(probe(pool), writes.check),
          figures: Effect.sync(pool.figures)
        })
      )
    })
  ).pipe(Layer.provide(Reactivity.layer))

  /** A database that answers probes with `outcome` and has no pool. */
  static readonly layerTest = (outcome: Effect.Effect<void, DependencyDown> = Effect.void) =>
    Layer.succeed(Database, {
      probe: outcome,
      figures: Effect.succeed({ max: 0, total: 0, active: 0, idle: 0, waiting: 0 })
    })
}

const commonOptions = ({ database, http }: Config) => ({
  pooled: database.pool,
  maxConnections: database.poolMax,
  minConnections: database.poolMin,
  acquireTimeoutMs: database.acquireTimeoutMs,
  maxWaiting: http.maxInFlight,
  connectTimeout: database.connectTimeoutMs,
  prepare: database.statementCache,
  applicationName: "tbg-api"
})

const poolOptions = Effect.fnUntraced(function* (config: Config) {
  const { target, statementTimeoutMs } = config.database
  if (target._tag === "Embedded") {
    const embedded = yield* makeEmbeddedDatabase({ folder: target.folder, statementTimeoutMs })
    // A statement blocks the event loop, so a time limit on it cannot fire.
    return { ...commonOptions(config), ...embedded, answerLimitMs: undefined } satisfies SessionPoolOptions
  }
  return {
    ...commonOptions(config),
    ...transportOf(target),
    url: target.url,
    // Named beside the URL, so that spans carry the server's address.
    host: target.host,
    port: target.port,
    database: target.database,
    username: target.username,
    answerLimitMs: statementTimeoutMs + answerMarginMs,
    startupParameters: {
      timezone: "UTC",
      statement_timeout: String(statementTimeoutMs),
      lock_timeout: String(Math.min(5000, statementTimeoutMs)),
      idle_in_transaction_session_timeout: "5000"
    }
  } satisfies SessionPoolOptions
})

type ConnectionOf = ReturnType<typeof makeSqlConnection>

const makeSqlClient = (pool: SessionPool, target: DatabaseTarget, connectionOf: ConnectionOf) => {
  const reserved = Effect.map(pool.reserve, connectionOf)
  return SqlClient.make({
    driver: "pg",
    compiler: PgClient.makeCompiler(),
    acquirer: reserved,
    borrower: (f) =>
      Effect.flatMap(IsShortRead, (isShortRead) =>
        isShortRead ? pool.share((lease) => f(connectionOf(lease))) : Effect.scoped(Effect.flatMap(reserved, f))
      ),
    transactionAcquirer: reserved,
    prepareTransactionControls: true,
    beginTransaction: "BEGIN ISOLATION LEVEL READ COMMITTED",
    commit: (connection) => Effect.flatMap(connection.executeRaw("COMMIT", []), committed),
    releaseSavepoint: (name) => `RELEASE SAVEPOINT ${name}`,
    spanAttributes: [
      ["db.system.name", "postgresql"],
      ...(target._tag === "Embedded"
        ? []
        : ([
            ["db.namespace", target.database],
            ["server.address", target.host],
            ["server.port", target.port]
          ] as const))
    ]
  })
}

/** Postgres answers the COMMIT of a transaction that has failed with ROLLBACK, and with no error. */
const committed = (result: unknown): Effect.Effect<void, SqlError> =>
  Predicate.hasProperty(result, "command") && result.command === "ROLLBACK"
    ? Effect.fail(
        new SqlError({ reason: new UnknownError({ cause: result, message: "COMMIT was answered with ROLLBACK" }) })
      )
    : Effect.void

const probe = (pool: SessionPool): Effect.Effect<void, DependencyDown> =>
  pool.ping.pipe(
    // After a restart or a failover a session fails once before it is replaced.
    Effect.retry({ times: 1, while: (error: SqlError) => faultOfSqlError(error) === "unreachable" }),
    Effect.mapError(databaseDown)
  )
