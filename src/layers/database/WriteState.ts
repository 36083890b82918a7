import { PgConnection } from "@effect/sql-pg"
import { Effect } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import { DependencyDown, isWriteFault } from "../../domain/Dependency.ts"
import type { Fault } from "../../domain/Dependency.ts"
import { asLost, faultOfSqlError } from "./Fault.ts"

/** Large enough to need disk space; always rolled back. */
export const trialWrite = `INSERT INTO tbg_api.service_facts (name, value)
  SELECT 'trial ' || pg_catalog.gen_random_uuid(),
    pg_catalog.string_agg(pg_catalog.decode(pg_catalog.md5(pg_catalog.random()::pg_catalog.text), 'hex'), '')
  FROM pg_catalog.generate_series(1, 2048)`

/** Runs the trial write on its own session, which rolls back by closing. */
export const tryWriteOn = (config: PgConnection.Config): Effect.Effect<unknown, SqlError> =>
  Effect.flatMap(PgConnection.make(config), (session) =>
    Effect.andThen(session.query("BEGIN"), session.query(trialWrite))
  ).pipe(Effect.scoped, Effect.mapError(asLost))

export interface WriteStateOptions {
  readonly tryWrite: Effect.Effect<unknown, SqlError>
  readonly onRecovery: Effect.Effect<void>
}

const betweenTrials = "500 millis"
const longestTrial = "5 seconds"

/**
 * Tracks whether Postgres accepts writes. After a statement fails because the server is read-only or its disk is full,
 * trial writes run until one succeeds. A trial that fails for another reason does not change the state.
 */
export const makeWriteState = Effect.fnUntraced(function* ({ onRecovery, tryWrite }: WriteStateOptions) {
  const scope = yield* Effect.scope
  const run = Effect.runForkWith(yield* Effect.context())
  let fault: Fault | undefined

  const faultAfter = (error: SqlError): Fault | undefined => {
    const found = faultOfSqlError(error)
    if (isWriteFault(found)) return found
    // If our table is missing or our role may not write to it, the next write of a caller reports that.
    return found === "failed" ? undefined : fault
  }
  const trial = Effect.match(tryWrite, { onSuccess: () => undefined, onFailure: faultAfter }).pipe(
    Effect.timeoutOrElse({ duration: longestTrial, orElse: () => Effect.sync(() => fault) })
  )
  const recover = Effect.delay(trial, betweenTrials).pipe(
    Effect.tap((found) => (found === undefined ? onRecovery : Effect.void)),
    Effect.repeat({ until: (found) => (fault = found) === undefined })
  )

  return {
    /** Fails with the fault of the last write, while the server accepts none. */
    check: Effect.suspend(() => (fault === undefined ? Effect.void : Effect.fail(new DependencyDown({ fault })))),
    /** Records the failure of a statement, and returns the error for its caller. */
    observe: (error: SqlError): SqlError => {
      const found = faultOfSqlError(error)
      if (isWriteFault(found)) {
        if (fault === undefined) run(Effect.forkIn(recover, scope))
        fault = found
      }
      return asLost(error)
    }
  }
})
