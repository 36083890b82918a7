import { Effect, Record, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { liveCatalog } from "./Catalog.ts"
import type { Catalog } from "./Catalog.ts"
import { fingerprintOf } from "./Fingerprint.ts"
import { baselineTables } from "./Schema.ts"
import { inBaselineSchema } from "./SearchPath.ts"

/** Rows that a transaction has written, by what it did to them. */
const Writes = Schema.Struct({
  name: Schema.String,
  inserted: Schema.Int,
  updated: Schema.Int,
  deleted: Schema.Int
})
export type Writes = typeof Writes.Type

const decodeWrites = Schema.decodeUnknownEffect(Schema.Array(Writes))

/** What a transaction did to the baseline: its catalog's fingerprint before and after, and the rows of each table. */
export interface Proof {
  readonly before: string
  readonly after: string
  readonly writes: ReadonlyArray<Writes>
}

/**
 * This session's counters of each table with its chunks, those of the transaction among them. `pg_stat_user_tables`
 * would tell what everyone did, and late.
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
 * Runs `effect` within a transaction and tells what that did to the baseline's tables. The counters are differences, as
 * a session may not have handed on yet what it counted in the transactions before.
 */
export const proven = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const before = yield* liveCatalog
    const atFirst = yield* counters
    const value = yield* effect
    const after: Catalog = yield* liveCatalog
    const atLast = yield* counters
    const writes = Record.keys(baselineTables).map((name) => {
      const [first, last] = [atFirst.get(name) ?? none, atLast.get(name) ?? none]
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

/** The tables that rows of were written. */
export const written = ({ writes }: Proof): ReadonlyArray<string> =>
  writes.filter(({ deleted, inserted, updated }) => deleted + inserted + updated > 0).map(({ name }) => name)

/** Two lines for a person. */
export const describeProof = ({ after, before, writes }: Proof): ReadonlyArray<string> => [
  before === after
    ? `baseline: fingerprint ${after}, before and after`
    : `baseline: fingerprint ${before} before, ${after} after`,
  `rows inserted/updated/deleted: ${writes
    .map(({ deleted, inserted, name, updated }) => `${name} ${inserted}/${updated}/${deleted}`)
    .join(", ")}`
]
