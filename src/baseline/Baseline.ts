import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { BaselinePolicy } from "./BaselinePolicy.ts"
import { BaselineRefused } from "./BaselineRefused.ts"
import { catalogSnapshot, liveCatalog } from "./Catalog.ts"
import type { Catalog } from "./Catalog.ts"
import { creationStatements } from "./Creation.ts"
import { inBaselineSchema, unlisted } from "./SearchPath.ts"
import { verdictOf } from "./Verdict.ts"

/**
 * Whether TimescaleDB is there, after an attempt to have it. It is a savepoint's failure that leaves the rest standing.
 */
const timescaleIsThere = Effect.fnUntraced(function* ({ timescale, timescaleAvailable }: Catalog) {
  if (timescale || !timescaleAvailable) return timescale
  const sql = yield* SqlClient.SqlClient
  return yield* sql.withTransaction(sql`CREATE EXTENSION IF NOT EXISTS timescaledb`).pipe(
    Effect.as(true),
    Effect.catchTag("SqlError", (error) =>
      Effect.logWarning("TimescaleDB is available and may not be installed: the baseline gets plain tables").pipe(
        Effect.annotateLogs({ reason: error.message }),
        Effect.as(false)
      )
    )
  )
})

const create = Effect.fnUntraced(function* (catalog: Catalog) {
  const sql = yield* SqlClient.SqlClient
  const timescale = yield* timescaleIsThere(catalog)
  const isPresent = (table: string) => catalog.tables[table] !== undefined
  const statements = creationStatements({ timescale, isPresent })
  yield* Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
})

/** Fails where the baseline may not be recorded on such a database; else tells whether it is to be created. */
const judged = Effect.fnUntraced(function* (catalog: Catalog) {
  const verdict = verdictOf(catalog, yield* BaselinePolicy)
  if (verdict._tag === "Refuse") return yield* BaselineRefused.of(verdict.reason, verdict.differences)
  return verdict._tag
})

/** Fails where the baseline would be refused: one look in a snapshot, which locks nothing and writes nothing. */
export const verifyBaseline = Effect.flatMap(catalogSnapshot, judged)

/** What the baseline's step gives: the tables were there, or it made them. */
export const BaselineOutcome = Schema.Struct({ mode: Schema.Literals(["recognised", "created"]) })
export type BaselineOutcome = typeof BaselineOutcome.Type

/**
 * Recognises the tables that are there, or creates them where nothing is and the policy lets it (contract section 7).
 * To be run in a transaction; on existing tables it reads the catalog and does nothing else.
 */
export const baseline = Effect.gen(function* () {
  const catalog = yield* unlisted(liveCatalog)
  const verdict = yield* judged(catalog)
  if (verdict === "Create") yield* inBaselineSchema(create(catalog))
  return { mode: verdict === "Create" ? "created" : "recognised" } satisfies BaselineOutcome
})
