import { PgClient } from "@effect/sql-pg"
import { Context, Effect, Layer, Predicate, Redacted } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { SqlClient } from "effect/sql"
import { SqlError, UnknownError } from "effect/sql/SqlError"
import { IsShortRead } from "../domain/Dependency.ts"
import type { DependencyDown } from "../domain/Dependency.ts"
import type { PoolFigures } from "../domain/Health.ts"
import { AppConfig } from "./AppConfig.ts"
import type { DatabaseTarget } from "./AppConfig.ts"
import { databaseDown, faultOfSqlError } from "./database/Fault.ts"
import { acceptedPassword } from "./database/Password.ts"
import { makeSessionPool } from "./database/SessionPool.ts"
import type { SessionPool } from "./database/SessionPool.ts"
import { makeSqlConnection } from "./database/SqlConnection.ts"
import { connectTo } from "./database/Transport.ts"
import { makeWriteState } from "./database/WriteState.ts"
import { makeEmbeddedDatabase } from "./EmbeddedDatabase.ts"

type Config = AppConfig["Service"]

/** Extra time for the server to answer a statement after its timeout. */
const answerMarginMs = 2000

/**
 * Probe and pool metrics of Postgres. `layer` also provides `SqlClient`, for the server or the embedded database of
 * `TBG_DATABASE_URL`. It succeeds while the server is unavailable; the first query fails instead.
 */
export class Database extends Context.Service<
  Database,
  {
    /** One round trip to the server; its only time limits are those of the pool and the statement. */
    readonly probe: Effect.Effect<void, DependencyDown>
    readonly figures: Effect.Effect<PoolFigures>
  }
>()("tbg-api/layers/Database") {
  static readonly layer = Layer.effectContext(
    Effect.gen(function* () {
      const config = yield* AppConfig
      const pool = yield* makeSessionPool(yield* poolOptions(config))
      const writes = yield* makeWriteState({ tryWrite: pool.tryWrite, onRecovery: pool.renew })
      const connectionOf = yield* makeSqlConnection(writes.observe)
      const sql = yield* makeSqlClient(pool, config.database.target, connectionOf)
      return Context.make(SqlClient.SqlClient, sql).pipe(
        Context.add(Database, {
          probe: Effect.andThen(probe(pool), writes.check),
          figures: Effect.sync(pool.figures)
        })
      )
    })
  ).pipe(Layer.provide(Reactivity.layer))
}

const poolOptions = Effect.fnUntraced(function* ({ database, http }: Config) {
  const { statementTimeoutMs, target } = database
  const options = {
    pooled: database.pool,
    maxConnections: database.poolMax,
    minConnections: database.poolMin,
    acquireTimeoutMs: database.acquireTimeoutMs,
    maxWaiting: http.maxInFlight,
    connectTimeout: database.connectTimeoutMs,
    prepare: database.statementCache,
    applicationName: "tbg-api"
  }
  if (target._tag === "Embedded") {
    const embedded = yield* makeEmbeddedDatabase({ folder: target.folder, statementTimeoutMs })
    // A statement blocks the event loop, so a time limit on it cannot fire.
    return { ...options, ...embedded, answerLimitMs: undefined }
  }
  const remote = {
    ...options,
    // Off in the driver, because `connectTo` negotiates TLS.
    ssl: false,
    stream: () => connectTo(target),
    database: target.database,
    username: target.username,
    password: target.password,
    startupOptions: target.options && Redacted.value(target.options),
    answerLimitMs: statementTimeoutMs + answerMarginMs,
    startupParameters: {
      timezone: "UTC",
      statement_timeout: String(statementTimeoutMs),
      lock_timeout: String(Math.min(5000, statementTimeoutMs)),
      idle_in_transaction_session_timeout: "5000"
    }
  }
  return { ...remote, password: acceptedPassword(remote) }
})

const makeSqlClient = (
  pool: SessionPool,
  target: DatabaseTarget,
  connectionOf: Effect.Success<ReturnType<typeof makeSqlConnection>>
) => {
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
    spanAttributes: Object.entries({ "db.system.name": "postgresql", ...addressOf(target) })
  })
}

const addressOf = (target: DatabaseTarget) =>
  target._tag === "Postgres" && {
    "db.namespace": target.database,
    "server.address": target.host,
    "server.port": target.port
  }

/** Postgres answers COMMIT of a failed transaction with ROLLBACK instead of an error. */
const committed = (result: unknown): Effect.Effect<void, SqlError> =>
  Predicate.hasProperty(result, "command") && result.command === "ROLLBACK"
    ? Effect.fail(
        new SqlError({ reason: new UnknownError({ cause: result, message: "COMMIT was answered with ROLLBACK" }) })
      )
    : Effect.void

const probe = (pool: SessionPool): Effect.Effect<void, DependencyDown> =>
  pool.ping.pipe(
    // After a restart or a failover, a session fails once before it is replaced.
    Effect.retry({ times: 1, while: (error: SqlError) => faultOfSqlError(error) === "unreachable" }),
    Effect.mapError(databaseDown)
  )
