import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import { differenceTable } from "../../baseline/DifferenceTable.ts"
import { Migrations } from "../../layers/Migrations.ts"
import { Ended } from "../Ended.ts"
import { json } from "../Report.ts"
import { answered, drifted, onDatabase } from "./OnDatabase.ts"

export const Check = Command.make("check", { json }, (flags) =>
  Effect.gen(function* () {
    const { refresh, verify } = yield* Migrations
    yield* answered(verify)
    const look = yield* answered(refresh)
    const { differences, fingerprint } = look
    const words = differences.length === 0 ? "no drift" : differenceTable(differences)
    yield* Console.log(flags.json ? JSON.stringify(look) : `${words}\nfingerprint ${fingerprint}`)
    if (differences.length > 0) return yield* new Ended({ code: drifted })
  }).pipe(onDatabase)
).pipe(Command.withDescription("Compare the database with the expected schema; exit code 0, or 3 for drift"))
