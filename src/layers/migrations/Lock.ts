import { Context, Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import { inSnapshot } from "../../baseline/Snapshot.ts"
import { transactionWithoutTimeout } from "../database/AnswerLimit.ts"
import { MigrationRefused } from "./Refusal.ts"

/** Advisory locks that no other program is likely to use: the letters "tbg" and a number. */
const migrationLock = 0x74_62_67_01
const comparisonLock = 0x74_62_67_02

/** Reports that another process holds the migration lock. Commands print it, because they show no log. */
export const WaitNotice = Context.Reference<(message: string) => Effect.Effect<void>>(
  "tbg-api/layers/migrations/WaitNotice",
  { defaultValue: () => (message) => Effect.logInfo(message) }
)

const untilNotice = "1 second"

/**
 * Waits for the migration lock, so that one process migrates and the others find it done. Table locks have a much
 * shorter timeout, because queries queue behind waiting DDL.
 */
const takeLock = Effect.fnUntraced(function* (seconds: number) {
  const sql = yield* SqlClient.SqlClient
  const notify = yield* WaitNotice
  const notice = notify(`another process is migrating; waiting up to ${seconds} s`)
  yield* sql`
    SELECT set_config('lock_timeout', ${`${seconds}s`}, true), set_config('row_security', 'on', true)`
  yield* sql`SELECT pg_advisory_xact_lock(${migrationLock})`.pipe(
    Effect.raceFirst(Effect.andThen(Effect.delay(notice, untilNotice), Effect.never)),
    Effect.catchIf(
      ({ reason }: SqlError) => reason._tag === "LockTimeoutError",
      () =>
        new MigrationRefused({
          message: `migrations: another process has held the migration lock for ${seconds} s; nothing was changed, try again later`
        })
    )
  )
  yield* sql`SELECT set_config('lock_timeout', '5s', true)`
})

/** With stricter isolation, a process would not see what others committed while it waited. */
const begin = Effect.provideService(SqlClient.BeginTransaction, "BEGIN ISOLATION LEVEL READ COMMITTED")

/**
 * Runs `effect` in one transaction with the migration lock. Waits at most `seconds` for the lock. Disables the statement
 * timeout, which would abort long migrations.
 */
export const withMigrationLock = <A, E, R>(effect: Effect.Effect<A, E, R>, seconds: number) =>
  begin(transactionWithoutTimeout(Effect.andThen(takeLock(seconds), effect)))

/** Runs `comparison` in a snapshot, unless another process runs one; returns whether it ran. */
export const unlessComparing = <A, E, R>(comparison: Effect.Effect<A, E, R>) =>
  inSnapshot(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const [row] = yield* sql<{ held: boolean }>`SELECT pg_try_advisory_xact_lock(${comparisonLock}) AS held`
      if (row?.held === true) yield* comparison
      return row?.held === true
    })
  )
