import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import { ownSchema } from "../../baseline/SearchPath.ts"
import { Migrations } from "../../layers/Migrations.ts"
import type { RanMigration } from "../../layers/migrations/Run.ts"
import { json } from "../CommandParts.ts"
import { requireDatabase, onDatabase } from "./OnDatabase.ts"

const scriptOf = ({ name, statements }: RanMigration): string =>
  statements.length === 0
    ? `-- ${name}: only recorded in the ledger`
    : [`-- ${name}`, ...statements.map((statement) => `${statement};`)].join("\n")

export const Plan = Command.make("plan", { json }, (flags) =>
  Effect.gen(function* () {
    const { plan } = yield* Migrations
    const { steps } = yield* requireDatabase(plan)
    if (flags.json) return yield* Console.log(JSON.stringify({ steps }))
    if (steps.length === 0) return yield* Console.log("-- nothing to do")
    yield* Console.log(steps.map(scriptOf).join("\n\n"))
    yield* Console.log(`\n-- in one transaction, with ${ownSchema} first in the search_path`)
  }).pipe(onDatabase)
).pipe(Command.withDescription("Run the migrations in a transaction, roll back, and print their SQL"))
