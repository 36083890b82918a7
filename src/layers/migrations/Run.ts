import { Effect, Predicate } from "effect"
import { Migrator, SqlClient } from "effect/sql"
import * as MigratorFileSystem from "effect/sql/MigratorFileSystem"
import { isSqlError } from "effect/sql/SqlError"
import type { SqlError } from "effect/sql/SqlError"
import { BaselineRefused } from "../../baseline/BaselineRefused.ts"
import { pendingSteps, stepName } from "./History.ts"
import type { Step } from "./History.ts"
import { appliedSteps, ensureLedger, ledger } from "./Ledger.ts"
import { MigrationRefused } from "./MigrationRefused.ts"

/** Any number that no one else's advisory lock is likely to have: the letters "tbg" and a 1. */
const turnLock = 0x74_62_67_01

/**
 * Waits for its turn, so that of many processes one migrates and the others find it done. A table's lock is waited for
 * much less: behind a waiting DDL statement every query on that table waits as well. The session's own statement
 * timeout is for requests and would cut a long step short.
 */
const takeTurn = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`SELECT set_config('lock_timeout', '60s', true), set_config('statement_timeout', '0', true)`
  yield* sql`SELECT pg_advisory_xact_lock(${turnLock})`
  yield* sql`SELECT set_config('lock_timeout', '5s', true)`
})

const wordsOf = ({ reason }: SqlError): string =>
  reason.cause instanceof Error ? reason.cause.message : (reason.message ?? reason._tag)

const refusalOf = (error: SqlError | Migrator.MigrationError): BaselineRefused | MigrationRefused => {
  if (error._tag === "SqlError") return new MigrationRefused({ message: `migrations: ${wordsOf(error)}`, cause: error })
  const { cause, message } = error
  const words = isSqlError(cause) ? wordsOf(cause) : cause instanceof Error ? cause.message : undefined
  // By its tag: a step is imported by its address, and may bring a copy of the class of its own.
  if (Predicate.isTagged(cause, "BaselineRefused")) return new BaselineRefused({ message: words ?? message })
  return new MigrationRefused({ message: words === undefined ? message : `${message}: ${words}`, cause: error })
}

/** Fails with the one step that was passed over, else gives those still to be run. */
export const pending = (steps: ReadonlyArray<Step>, applied: ReadonlyArray<Step>) =>
  Effect.mapError(Effect.fromResult(pendingSteps(steps, applied)), (message) => new MigrationRefused({ message }))

/**
 * Runs the steps of the folder that the ledger lacks, with their records, in one transaction: a failure leaves nothing
 * behind, not even the ledger. Gives the names of the steps that this process ran.
 */
export const runPending = (folder: string, steps: ReadonlyArray<Step>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const run = Migrator.make({})({ loader: MigratorFileSystem.fromFileSystem(folder), table: ledger })
    const turn = Effect.gen(function* () {
      yield* takeTurn
      yield* ensureLedger
      yield* pending(steps, yield* appliedSteps)
      return yield* run
    })
    const ran = yield* sql.withTransaction(turn)
    return ran.map(([id, name]) => stepName({ id, name }))
  })

/** A failure of the database or of a step, in words of one line and with the exit code that it leads to. */
export const refusedBy = (
  error: BaselineRefused | MigrationRefused | SqlError | Migrator.MigrationError
): BaselineRefused | MigrationRefused =>
  error._tag === "SqlError" || error._tag === "MigrationError" ? refusalOf(error) : error
