import { Effect, Schema } from "effect"
import * as Runtime from "effect/Runtime"
import { SqlClient } from "effect/sql"
import { BaselinePolicy } from "./BaselinePolicy.ts"
import { catalogSnapshot, liveCatalog } from "./Catalog.ts"
import type { Catalog } from "./Catalog.ts"
import { creationStatements } from "./Creation.ts"
import { describeDifference } from "./Difference.ts"
import { inBaselineSchema, unlisted } from "./SearchPath.ts"
import { decideVerdict } from "./Verdict.ts"

/** The baseline may not be recorded on this database (contract section 7); nothing was changed. */
export class BaselineRefused extends Schema.TaggedError<BaselineRefused>()("BaselineRefused", {
  message: Schema.String
}) {
  override readonly [Runtime.errorExitCode] = 3
}

const decodeEncoding = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ encoding: Schema.String })]))

export const databaseEncoding = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`SELECT pg_catalog.current_setting('server_encoding') AS encoding`
  const [{ encoding }] = yield* Effect.orDie(decodeEncoding(rows))
  return encoding
})

/** Any other encoding lacks characters that callers send, or counts bytes as characters. */
export const requiredEncoding = "UTF8"

/** Fails unless the database can store every text that the contract allows. */
export const verifyEncoding = Effect.gen(function* () {
  const encoding = yield* databaseEncoding
  if (encoding === requiredEncoding) return
  const message = `the database has the encoding ${encoding}, expected ${requiredEncoding}; nothing was changed`
  return yield* new BaselineRefused({ message })
})

/** Tries to install TimescaleDB, and returns whether it is installed. A savepoint keeps the transaction usable. */
const installTimescale = Effect.fnUntraced(function* ({ timescale, timescaleAvailable }: Catalog) {
  if (timescale || !timescaleAvailable) return timescale
  const sql = yield* SqlClient.SqlClient
  return yield* sql.withTransaction(sql`CREATE EXTENSION IF NOT EXISTS timescaledb`).pipe(
    Effect.as(true),
    Effect.catchTag("SqlError", (error) =>
      Effect.logWarning("TimescaleDB is available but could not be installed; the baseline gets plain tables").pipe(
        Effect.annotateLogs({ reason: error.message }),
        Effect.as(false)
      )
    )
  )
})

const create = Effect.fnUntraced(function* (catalog: Catalog) {
  const sql = yield* SqlClient.SqlClient
  const timescale = yield* installTimescale(catalog)
  const isPresent = (table: string) => catalog.tables[table] !== undefined
  const statements = creationStatements({ timescale, isPresent })
  yield* Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
})

/** Fails if the baseline may not be recorded on this database, otherwise returns whether to create or record it. */
const requireVerdict = Effect.fnUntraced(function* (catalog: Catalog) {
  const verdict = decideVerdict(catalog, yield* BaselinePolicy)
  if (verdict._tag !== "Refuse") return verdict._tag
  const message = [verdict.reason, ...verdict.differences.map(describeDifference)].join("\n")
  return yield* new BaselineRefused({ message })
})

/** Fails if the baseline would be refused. Only reads, in one snapshot. */
export const verifyBaseline = Effect.flatMap(catalogSnapshot, requireVerdict)

export const BaselineOutcome = Schema.Struct({ mode: Schema.Literals(["recognised", "created"]) })
export type BaselineOutcome = typeof BaselineOutcome.Type

/**
 * Recognizes existing tables, or creates them on an empty database if the policy allows it (contract section 7). Runs in
 * a transaction. If the tables exist, it only reads the catalog.
 */
export const baseline = Effect.gen(function* () {
  const catalog = yield* unlisted(liveCatalog)
  const verdict = yield* requireVerdict(catalog)
  if (verdict === "Create") yield* inBaselineSchema(create(catalog))
  return { mode: verdict === "Create" ? "created" : "recognised" } satisfies BaselineOutcome
})
