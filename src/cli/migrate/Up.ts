import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import { differenceTable } from "../../baseline/DifferenceTable.ts"
import { Migrations } from "../../layers/Migrations.ts"
import { isolationFacts, isolationWarnings } from "../../services/TenantIsolation.ts"
import { requireDatabase, onDatabase, printProof } from "./OnDatabase.ts"

/** Warnings that `tbg serve` logs at startup. */
const printWarnings = Effect.flatMap(isolationFacts, (facts) =>
  Effect.forEach(isolationWarnings(facts), (line) => Console.error(`warning: ${line}`), { discard: true })
).pipe(Effect.ignore)

export const Up = Command.make("up", {}, () =>
  Effect.gen(function* () {
    const { newest, up } = yield* Migrations
    const { proof, steps, warnings } = yield* requireDatabase(up)
    yield* Effect.forEach(steps, ({ mode, name }) => Console.log(`${name}: ${mode}`), { discard: true })
    if (proof === undefined) yield* Console.log(`nothing to do; the database is at ${yield* newest}`)
    else yield* printProof(proof)
    yield* printWarnings
    if (warnings.length === 0) return
    yield* Console.error(
      `warning: the schema differs from the recorded baseline; tbg migrate repair creates what is missing\n${differenceTable(warnings)}`
    )
  }).pipe(onDatabase)
).pipe(Command.withDescription("Apply pending migrations"))
