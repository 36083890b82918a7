import { Array, Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { baselineTables } from "../domain/mining/Tables.ts"
import { liveCatalog } from "./Catalog.ts"
import { fingerprintOf } from "./Expectations.ts"
import { inBaselineSchema } from "./SearchPath.ts"

const Writes = Schema.Struct({
  name: Schema.String,
  inserted: Schema.Int,
  updated: Schema.Int,
  deleted: Schema.Int
})
export type Writes = typeof Writes.Type

const decodeWrites = Schema.decodeUnknownEffect(Schema.Array(Writes))

/** Effect of a transaction on the baseline: fingerprints before and after, and rows written to each table. */
export interface Proof {
  readonly before: string
  readonly after: string
  readonly writes: ReadonlyArray<Writes>
}

/** This session's counters of each table and its chunks; `pg_stat_user_tables` counts all sessions, with a delay. */
const counters = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`
    SELECT name,
      coalesce(sum(pg_stat_get_xact_tuples_inserted(o.oid)), 0)::int AS inserted,
      coalesce(sum(pg_stat_get_xact_tuples_updated(o.oid)), 0)::int AS updated,
      coalesce(sum(pg_stat_get_xact_tuples_deleted(o.oid)), 0)::int AS deleted
    FROM unnest(${Object.keys(baselineTables)}::name[]) WITH ORDINALITY AS names (name, place)
    LEFT JOIN pg_catalog.pg_class t ON t.relname = name AND t.relkind IN ('r', 'p') AND pg_table_is_visible(t.oid)
    LEFT JOIN LATERAL (
      SELECT t.oid UNION ALL SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = t.oid
    ) o (oid) ON true
    GROUP BY name, place ORDER BY place`
  return yield* Effect.orDie(decodeWrites(rows))
}).pipe(inBaselineSchema)

const subtract = (after: Writes, before: Writes): Writes => ({
  name: after.name,
  inserted: after.inserted - before.inserted,
  updated: after.updated - before.updated,
  deleted: after.deleted - before.deleted
})

/** Runs `effect` in the current transaction, and returns its effect on the baseline. */
export const withProof = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const before = yield* liveCatalog
    // Includes earlier transactions of the session.
    const countsBefore = yield* counters
    const value = yield* effect
    const after = yield* liveCatalog
    const writes = Array.zipWith(yield* counters, countsBefore, subtract)
    const proof: Proof = { before: fingerprintOf(before), after: fingerprintOf(after), writes }
    return { value, proof, catalog: after }
  })

export const writtenTables = ({ writes }: Proof): ReadonlyArray<string> =>
  writes.filter(({ deleted, inserted, updated }) => deleted + inserted + updated > 0).map(({ name }) => name)

export const describeProof = ({ after, before, writes }: Proof): ReadonlyArray<string> => [
  before === after
    ? `baseline: fingerprint ${after}, before and after`
    : `baseline: fingerprint ${before} before, ${after} after`,
  `rows inserted/updated/deleted: ${writes
    .map(({ deleted, inserted, name, updated }) => `${name} ${inserted}/${updated}/${deleted}`)
    .join(", ")}`
]
