import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import { Migrations } from "../../layers/Migrations.ts"
import type { RanStep } from "../../layers/migrations/Run.ts"
import { json } from "../Report.ts"
import { answered, onDatabase } from "./OnDatabase.ts"

/** A step as a script: its name, then its statements. */
const scriptOf = ({ name, statements }: RanStep): string =>
  statements.length === 0
    ? `-- ${name}: a record in the ledger, and nothing else`
    : [`-- ${name}`, ...statements.map((statement) => `${statement};`)].join("\n")

export const Plan = Command.make("plan", { json }, (flags) =>
  Effect.gen(function* () {
    const { plan } = yield* Migrations
    const { steps } = yield* answered(plan)
    if (flags.json) return yield* Console.log(JSON.stringify({ steps }))
    yield* Console.log(steps.length === 0 ? "-- nothing to do" : steps.map(scriptOf).join("\n\n"))
  }).pipe(onDatabase)
).pipe(Command.withDescription("Print the SQL that up would run: it is run in a transaction and taken back"))
