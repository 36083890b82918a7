import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { liveCatalog } from "../../baseline/Catalog.ts"
import { repairOf } from "../../baseline/Repair.ts"
import type { Repair } from "../../baseline/Repair.ts"
import { inBaselineSchema } from "../../baseline/SearchPath.ts"
import { orAdministrator } from "./Ledger.ts"
import { withMigrationLock } from "./Lock.ts"
import { MigrationRefused } from "./Refusal.ts"
import { provenWithoutWrites } from "./Run.ts"

export type RepairStatements = Repair["statements"]

const textOf = (statements: RepairStatements): string => statements.map(({ sql }) => sql).join("\n")

/**
 * Runs the confirmed statements in one transaction, if the schema still lacks exactly those objects. They only create
 * missing objects, owned by the owner of the core tables.
 */
export const runRepair = (confirmed: RepairStatements, maxWaitSeconds: number) =>
  withMigrationLock(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      if (textOf(repairOf(yield* liveCatalog).statements) !== textOf(confirmed)) {
        return yield* new MigrationRefused({
          message: "migrations: the schema has changed meanwhile; nothing was changed, try again"
        })
      }
      const run = Effect.forEach(confirmed, (statement) => sql.unsafe(statement.sql), { discard: true })
      const repair = orAdministrator(inBaselineSchema(run), {
        what: "may not create the missing objects",
        statements: () => confirmed.map((statement) => statement.sql)
      })
      return (yield* provenWithoutWrites(repair, "repair")).proof
    }),
    maxWaitSeconds
  )
