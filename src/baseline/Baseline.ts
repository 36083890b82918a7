import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { BaselinePolicy } from "./BaselinePolicy.ts"
import { BaselineRefused } from "./BaselineRefused.ts"
import { liveCatalog } from "./Catalog.ts"
import type { Catalog } from "./Catalog.ts"
import { creationStatements } from "./Creation.ts"
import type { Difference } from "./Difference.ts"
import { verdictOf } from "./Verdict.ts"

/** Whether TimescaleDB is there, after an attempt to have it. It is a savepoint's failure that leaves the rest standing. */
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
  yield* Effect.logInfo("baseline created").pipe(Effect.annotateLogs({ timescale }))
})

const warn = ({ found, object, problem, wanted }: Difference) =>
  Effect.logWarning(`baseline: ${object} is ${problem}`).pipe(Effect.annotateLogs({ object, problem, wanted, found }))

/**
 * Recognises the tables that are there, or creates them where nothing is and the policy lets it (contract section 7).
 * To be run in a transaction; on existing tables it reads the catalog and does nothing else.
 */
export const baseline = Effect.gen(function* () {
  const catalog = yield* liveCatalog
  const verdict = verdictOf(catalog, yield* BaselinePolicy)
  switch (verdict._tag) {
    case "Create":
      return yield* create(catalog)
    case "Record":
      yield* Effect.forEach(verdict.warnings, warn, { discard: true })
      return yield* Effect.logInfo("baseline recognised")
    case "Refuse":
      return yield* BaselineRefused.of(verdict.reason, verdict.differences)
  }
})
