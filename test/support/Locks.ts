import { Deferred, Effect, Fiber } from "effect"
import { SqlClient } from "effect/sql"

/** Statements that take the migration lock and the comparison lock. */
export const takeMigrationLock = "SELECT pg_advisory_xact_lock(x'74626701'::int)"
export const takeComparisonLock = "SELECT pg_advisory_xact_lock(x'74626702'::int)"

/** Runs `effect` while another session's open transaction has run `statement`. */
export const whileLocked = <A, E, R>(statement: string, effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const held = yield* Deferred.make<void>()
    const holding = sql
      .unsafe(statement)
      .pipe(Effect.andThen(Deferred.succeed(held, undefined)), Effect.andThen(Effect.never), sql.withTransaction)
    const holder = yield* Effect.forkChild(holding)
    yield* Deferred.await(held)
    return yield* Effect.ensuring(effect, Fiber.interrupt(holder))
  })
