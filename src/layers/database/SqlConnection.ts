import { Effect, Metric } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import type { Connection } from "effect/sql/SqlConnection"
import type { Labels } from "../../metrics/Counter.ts"
import { boundaries, byOutcome, outcomeOf } from "../../metrics/Outcome.ts"
import type { Lease } from "./SessionPool.ts"

const durationOf = (attributes: Labels) =>
  Metric.histogram("tbg_db_query_duration_seconds", {
    description: "Duration of statements, by outcome, excluding streams and probes",
    boundaries,
    attributes
  })

/**
 * Moves the rows out of the driver's list. A session keeps the lists of all its statements until it is idle
 * (`pipelineInFlight` in @effect/sql-pg 4.0.5), and every garbage collection would copy their rows.
 */
const moveRows = <A>({ rows }: { readonly rows: ReadonlyArray<A> }): ReadonlyArray<A> => {
  const moved = [...rows]
  Object.assign(rows, { length: 0 })
  return moved
}

/** Adapts sessions of the driver to connections of `SqlClient`. */
export const makeSqlConnection = Effect.fnUntraced(function* (observe: (error: SqlError) => SqlError) {
  const record = byOutcome(durationOf, yield* Effect.context())
  return ({ limited, session }: Lease): Connection => {
    const run = <A>(statement: Effect.Effect<A, SqlError>): Effect.Effect<A, SqlError> =>
      Effect.suspend(() => {
        const startedAt = performance.now()
        return Effect.onExit(limited(Effect.mapError(statement, observe)), (exit) =>
          Effect.sync(() => record[outcomeOf(exit)](performance.now() - startedAt))
        )
      })
    return {
      execute: (sql, params) => run(Effect.map(session.query(sql, params), moveRows)),
      executeRaw: (sql, params) => run(session.query(sql, params)),
      executeValues: (sql, params) => run(session.queryValues(sql, params)),
      executeValuesUnprepared: (sql, params) => run(session.queryValues(sql, params, false)),
      executeUnprepared: (sql, params) => run(Effect.map(session.query(sql, params, false), moveRows)),
      executeStream: (sql, params) => session.stream(sql, params)
    }
  }
})
