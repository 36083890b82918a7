import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import { differenceTable } from "../../baseline/DifferenceTable.ts"
import { Migrations } from "../../layers/Migrations.ts"
import { ExitWith } from "../CommandErrors.ts"
import { json } from "../CommandParts.ts"
import { requireDatabase, driftExitCode, onDatabase } from "./OnDatabase.ts"

export const Check = Command.make("check", { json }, (flags) =>
  Effect.gen(function* () {
    const { refresh, verify } = yield* Migrations
    yield* requireDatabase(verify)
    const report = yield* requireDatabase(refresh)
    const { differences, fingerprint } = report
    const summary = differences.length === 0 ? "no drift" : differenceTable(differences)
    yield* Console.log(flags.json ? JSON.stringify(report) : `${summary}\nfingerprint ${fingerprint}`)
    if (differences.length > 0) return yield* new ExitWith({ code: driftExitCode })
  }).pipe(onDatabase)
).pipe(Command.withDescription("Compare the database with the expected schema; exit code 0, or 3 for drift"))
