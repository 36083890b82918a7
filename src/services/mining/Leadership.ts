import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"

/** Another process leads, so this one may not write. */
export class LeadershipLost extends Schema.TaggedError<LeadershipLost>()("LeadershipLost", {}) {}

/** Right to write the projection's tables. Each takeover has a term of its own. */
export interface Lease {
  readonly holder: string
  readonly term: string
}

/** A leader that does not renew its lease for this long may be replaced. */
const leaseSeconds = 4

/**
 * How long a frozen leader may hold the row of the lease in an open transaction, in milliseconds. It is set in each
 * transaction, because a pooler does not pass on the settings of a session.
 */
const idleMs = 2500

const decodeTerms = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ term: Schema.String })))
const decodeHeld = Schema.decodeUnknownEffect(
  Schema.Array(Schema.Struct({ outbox: Schema.Number, slotHour: Schema.Number }))
)

/** State of the row that a transaction of the leader has locked. */
export interface LockedState {
  /** Number of the newest event in the outbox. */
  readonly outbox: number
  /** Newest hour since 1970 for which `mining_shares` has an empty partition. */
  readonly slotHour: number
}

/** Lease on the row of `mining_state`, by the database's clock. It needs no session, so poolers do not matter. */
export class Leadership extends Context.Service<
  Leadership,
  {
    /** Takes the lease if it has expired or `holder` already has it; otherwise returns `undefined`. */
    readonly acquire: (holder: string) => Effect.Effect<Lease | undefined, SqlError>
    /** Extends the lease. With `isIdle`, records that no entry is waiting. */
    readonly renew: (lease: Lease, isIdle?: boolean) => Effect.Effect<void, SqlError | LeadershipLost>
    /** Lets another process take over at once. */
    readonly release: (lease: Lease) => Effect.Effect<void, SqlError>
    /** Runs a transaction that commits only if the lease is still held, and extends it. */
    readonly commit: <A, E, R>(
      lease: Lease,
      write: (state: LockedState) => Effect.Effect<A, E, R>
    ) => Effect.Effect<A, E | SqlError | LeadershipLost, R>
  }
>()("tbg-api/services/mining/Leadership") {
  static readonly layer = Layer.effect(
    Leadership,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const expiry = sql`clock_timestamp() + make_interval(secs => ${leaseSeconds})`

      const acquire = Effect.fn("Leadership.acquire")(
        function* (holder: string) {
          const rows = yield* sql`
            UPDATE tbg_api.mining_state SET holder = ${holder}, term = term + 1, expires_at = ${expiry}
            WHERE id IN (
              SELECT id FROM tbg_api.mining_state
              WHERE expires_at < clock_timestamp() OR holder = ${holder}
              FOR UPDATE SKIP LOCKED
            )
            RETURNING term::text AS term`
          const [row] = yield* Effect.orDie(decodeTerms(rows))
          return row && { holder, term: row.term }
        },
        (taken) => sql.withTransaction(taken)
      )

      const renew = Effect.fn("Leadership.renew")(
        function* ({ holder, term }: Lease, isIdle = false) {
          const idle = isIdle ? sql`, polled_at = clock_timestamp(), pending_since = NULL` : sql.literal("")
          const rows = yield* sql`
            UPDATE tbg_api.mining_state SET expires_at = ${expiry}${idle}
            WHERE holder = ${holder} AND term = ${term}::bigint RETURNING term::text AS term`
          if (rows.length === 0) return yield* new LeadershipLost()
        },
        (renewed) => sql.withTransaction(renewed)
      )

      const release = Effect.fn("Leadership.release")(
        function* ({ holder, term }: Lease) {
          yield* sql`
            UPDATE tbg_api.mining_state SET holder = NULL, expires_at = '-infinity'
            WHERE holder = ${holder} AND term = ${term}::bigint`
        },
        (released) => sql.withTransaction(released)
      )

      const commit = <A, E, R>({ holder, term }: Lease, write: (state: LockedState) => Effect.Effect<A, E, R>) =>
        Effect.gen(function* () {
          yield* sql`SELECT set_config('idle_in_transaction_session_timeout', ${String(idleMs)}, true)`
          const rows = yield* sql`
            UPDATE tbg_api.mining_state SET expires_at = ${expiry}
            WHERE holder = ${holder} AND term = ${term}::bigint
            RETURNING outbox::float8 AS outbox, slot_hour::float8 AS "slotHour"`
          const [held] = yield* Effect.orDie(decodeHeld(rows))
          return held === undefined ? yield* new LeadershipLost() : yield* write(held)
        }).pipe(sql.withTransaction)

      return { acquire, renew, release, commit }
    })
  )
}
