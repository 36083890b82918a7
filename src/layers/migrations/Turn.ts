import { Context, Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import { inSnapshot } from "../../baseline/Snapshot.ts"
import { transactionWithoutTimeout } from "../database/AnswerLimit.ts"
import { MigrationRefused } from "./MigrationRefused.ts"

/** Any number that no one else's advisory lock is likely to have: the letters "tbg" and a 1. */
const turnLock = 0x74_62_67_01

/** Where it is said that others have the turn; a command, which shows no log, prints it. */
export const WaitNotice = Context.Reference<(words: string) => Effect.Effect<void>>(
  "tbg-api/layers/migrations/WaitNotice",
  { defaultValue: () => (words) => Effect.logInfo(words) }
)

/** Longer than others need to record a baseline. */
const untilNotice = "1 second"

const waitedFor = <A, E, R>(turn: Effect.Effect<A, E, R>, seconds: number) =>
  Effect.gen(function* () {
    const notice = yield* WaitNotice
    const words = `another process changes the schema: waiting for it, ${seconds} s at most`
    yield* Effect.forkScoped(Effect.delay(notice(words), untilNotice))
    return yield* turn
  }).pipe(Effect.scoped)

const tooLong = (seconds: number) =>
  new MigrationRefused({
    message: `migrations: another process has been changing the schema for ${seconds} s; nothing was changed, try again when it is done`
  })

/**
 * Waits for the migration lock, so that one process migrates and the others find it done. Table locks have a much
 * shorter timeout, because queries queue behind waiting DDL.
 */
const takeTurn = Effect.fnUntraced(function* (seconds: number) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`
    SELECT set_config('lock_timeout', ${`${seconds}s`}, true), set_config('row_security', 'on', true)`
  yield* waitedFor(sql`SELECT pg_advisory_xact_lock(${turnLock})`, seconds).pipe(
    Effect.catchIf(
      ({ reason }: SqlError) => reason._tag === "LockTimeoutError",
      () => tooLong(seconds)
    )
  )
  yield* sql`SELECT set_config('lock_timeout', '5s', true)`
})

/** How long a process waits for the others, unless it is told otherwise. */
export const longestWait = 60

/** With stricter isolation a process would not see what others committed while it waited. */
const begin = Effect.provideService(SqlClient.BeginTransaction, "BEGIN ISOLATION LEVEL READ COMMITTED")

/**
 * Runs `effect` in one transaction with the migration lock, and waits for the lock for at most `seconds`. It has no
 * statement timeout, because that is meant for requests and would cut long migrations short.
 */
export const inTurn = <A, E, R>(effect: Effect.Effect<A, E, R>, seconds: number) =>
  begin(transactionWithoutTimeout(Effect.andThen(takeTurn(seconds), effect)))

/** The letters "tbg" and a 2. */
const lookLock = 0x74_62_67_02

/** Runs `look` in a snapshot while no other process does; gives whether it could, at once. */
export const ifAlone = <A, E, R>(look: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const lock = sql<{ held: boolean }>`SELECT pg_try_advisory_xact_lock(${lookLock}) AS held`
    const turn = Effect.flatMap(lock, ([row]) => (row?.held === true ? Effect.as(look, true) : Effect.succeed(false)))
    return yield* inSnapshot(turn)
  })
