import { Effect, Metric } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import type { Difference } from "../../baseline/Difference.ts"

/** The letters "tbg" and a 2. */
const watchLock = 0x74_62_67_02

const gauge = Metric.gauge("tbg_schema_drift", {
  description: "Objects of the schema that differ from what the service was made for"
})

/** Reads in a turn of its own: replicas that were started together do not all read the catalog at once. */
const inTurn = <A, E, R>(read: Effect.Effect<A, E, R>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    sql.withTransaction(Effect.andThen(sql`SELECT pg_advisory_xact_lock(${watchLock})`, read))
  )

const logChange = (differences: ReadonlyArray<Difference>) =>
  differences.length === 0
    ? Effect.logInfo("the schema is as it should be again")
    : Effect.annotateLogs(Effect.logWarning("the schema has drifted"), {
        objects: differences.map(({ object, problem }) => `${object} is ${problem}`)
      })

/**
 * Reads the differences every `seconds` for the life of the scope; `read` remembers them, and `known` is what it
 * remembered before. One line of the log for each change. While the database is away, what is known stays.
 */
export const watchDrift = <R>(
  seconds: number,
  known: Effect.Effect<ReadonlyArray<Difference>>,
  read: Effect.Effect<ReadonlyArray<Difference>, SqlError, R>
) =>
  Effect.gen(function* () {
    const before = yield* known
    const now = yield* inTurn(read)
    yield* Metric.update(gauge, now.length)
    const isSame = JSON.stringify(before) === JSON.stringify(now)
    if (!isSame) yield* logChange(now)
  }).pipe(Effect.ignore, Effect.delay(`${seconds} seconds`), Effect.forever, Effect.forkScoped)
