import { Effect, Record, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { baselineTables } from "../domain/mining/Tables.ts"
import { liveCatalog } from "./Catalog.ts"
import { fingerprintOf } from "./Fingerprint.ts"
import { inBaselineSchema } from "./SearchPath.ts"

/** Numbers of rows that a transaction wrote to a table. */
const Writes = Schema.Struct({
  name: Schema.String,
  inserted: Schema.Int,
  updated: Schema.Int,
  deleted: Schema.Int
})
export type Writes = typeof Writes.Type

const decodeWrites = Schema.decodeUnknownEffect(Schema.Array(Writes))

/** Effect of a transaction on the baseline: its fingerprint before and after, and the rows written to each table. */
export interface Proof {
  readonly before: string
  readonly after: string
  readonly writes: ReadonlyArray<Writes>
}

/**
 * This session's counters of each table and its chunks, including the current transaction. `pg_stat_user_tables` counts
 * all sessions, with a delay.
 */
const counters = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`
    SELECT t.relname AS name,
      sum(pg_stat_get_xact_tuples_inserted(o.oid))::int AS inserted,
      sum(pg_stat_get_xact_tuples_updated(o.oid))::int AS updated,
      sum(pg_stat_get_xact_tuples_deleted(o.oid))::int AS deleted
    FROM pg_catalog.pg_class t
    CROSS JOIN LATERAL (
      SELECT t.oid UNION ALL SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = t.oid
    ) o (oid)
    WHERE t.relname = ANY (${Object.keys(baselineTables)})
      AND t.relkind IN ('r', 'p')
      AND pg_table_is_visible(t.oid)
    GROUP BY t.relname`
  const found = yield* Effect.orDie(decodeWrites(rows))
  return new Map(found.map((writes) => [writes.name, writes]))
}).pipe(inBaselineSchema)

const none = { inserted: 0, updated: 0, deleted: 0 }

/**
 * Runs `effect` in the current transaction and returns its effect on the baseline. The counters may include earlier
 * transactions of the session, so they are subtracted.
 */
export const proven = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const before = yield* liveCatalog
    const countsBefore = yield* counters
    const value = yield* effect
    const after = yield* liveCatalog
    const countsAfter = yield* counters
    const writes = Record.keys(baselineTables).map((name) => {
      const [first, last] = [countsBefore.get(name) ?? none, countsAfter.get(name) ?? none]
      return {
        name,
        inserted: last.inserted - first.inserted,
        updated: last.updated - first.updated,
        deleted: last.deleted - first.deleted
      }
    })
    const proof: Proof = { before: fingerprintOf(before), after: fingerprintOf(after), writes }
    return { value, proof, catalog: after }
  })

/** Names of the tables to which rows were written. */
export const written = ({ writes }: Proof): ReadonlyArray<string> =>
  writes.filter(({ deleted, inserted, updated }) => deleted + inserted + updated > 0).map(({ name }) => name)

/** A proof as two lines of text. */
export const describeProof = ({ after, before, writes }: Proof): ReadonlyArray<string> => [
  before === after
    ? `baseline: fingerprint ${after}, before and after`
    : `baseline: fingerprint ${before} before, ${after} after`,
  `rows inserted/updated/deleted: ${writes
    .map(({ deleted, inserted, name, updated }) => `${name} ${inserted}/${updated}/${deleted}`)
    .join(", ")}`
]
