import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import { ownSchema } from "../../baseline/SearchPath.ts"
import { Migrations } from "../../layers/Migrations.ts"
import type { RanMigration } from "../../layers/migrations/Run.ts"
import { json } from "../Report.ts"
import { answered, onDatabase } from "./OnDatabase.ts"

/** A migration as a script: its name, then its statements. */
const scriptOf = ({ name, statements }: RanMigration): string =>
  statements.length === 0
    ? `-- ${name}: a record in the ledger, and nothing else`
    : [`-- ${name}`, ...statements.map((statement) => `${statement};`)].join("\n")

export const Plan = Command.make("plan", { json }, (flags) =>
  Effect.gen(function* () {
    const { plan } = yield* Migrations
    const { steps } = yield* answered(plan)
    if (flags.json) return yield* Console.log(JSON.stringify({ steps }))
    if (steps.length === 0) return yield* Console.log("-- nothing to do")
    yield* Console.log(steps.map(scriptOf).join("\n\n"))
    yield* Console.log(`\n-- all in one transaction, with ${ownSchema} first in the search_path`)
  }).pipe(onDatabase)
).pipe(Command.withDescription("Print the SQL that up would run: it runs in a transaction that is rolled back"))
