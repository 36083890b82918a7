import { Clock, DateTime, Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import { LeadershipLost } from "../../mining/Leadership.ts"
import type { Lease } from "../../mining/Leadership.ts"

const decodeVersions = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ version: Schema.String })))

/** Milliseconds after which Postgres ends an idle transaction, such as that of a frozen leader. */
const idleMs = 2500

/** Transaction of the fold in progress. */
export interface Turn {
  /** Version that changed rows get. */
  readonly version: string
  /** Time of the transaction in RFC 3339. */
  readonly at: string
}

/**
 * Runs transactions of the fold one after another. Each locks the row of `mining_week_state`. Commits of the projection
 * lock another row, so they do not wait. A transaction of a former leader commits before the first one of the next
 * leader, or fails.
 */
export const makeFoldLock = Effect.map(
  SqlClient.SqlClient,
  (sql) =>
    <A, E, R>({ holder, term }: Lease, write: (turn: Turn) => Effect.Effect<A, E, R>) =>
      Effect.gen(function* (): Effect.fn.Return<A, E | SqlError | LeadershipLost, R> {
        // The sort of a chunk fits in memory. Compiling its statement and caching its lookups take longer than they save.
        yield* sql`
          SELECT set_config('idle_in_transaction_session_timeout', ${String(idleMs)}, true),
            set_config('extra_float_digits', '1', true), set_config('work_mem', '32MB', true),
            set_config('jit', 'off', true), set_config('enable_memoize', 'off', true)`
        const rows = yield* sql`
          UPDATE tbg_api.mining_week_state w SET term = s.term, version = w.version + 1
          FROM tbg_api.mining_state s
          WHERE w.term <= s.term AND s.term = ${term}::bigint AND s.holder = ${holder}
          RETURNING w.version::text AS version`
        const [locked] = yield* Effect.orDie(decodeVersions(rows))
        if (locked === undefined) return yield* new LeadershipLost()
        const at = DateTime.formatIso(DateTime.makeUnsafe(yield* Clock.currentTimeMillis))
        return yield* write({ version: locked.version, at })
      }).pipe(sql.withTransaction)
)
