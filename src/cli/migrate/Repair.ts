import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import { differenceTable } from "../../baseline/DifferenceTable.ts"
import { Migrations } from "../../layers/Migrations.ts"
import { ExitWith } from "../CommandErrors.ts"
import { json } from "../CommandParts.ts"
import { confirm, requireDatabase, driftExitCode, onDatabase, printProof, yes } from "./OnDatabase.ts"

export const Repair = Command.make("repair", { json, yes }, (flags) =>
  Effect.gen(function* () {
    const { lacking, refresh, repair } = yield* Migrations
    const { manual, own, statements } = yield* requireDatabase(lacking)
    // With --json, statements go to standard error, so that standard output is one JSON document.
    const print = flags.json ? Console.error : Console.log
    yield* Effect.forEach(statements, ({ object, sql }) => print(`-- ${object}\n${sql};`), { discard: true })
    if (manual.length > 0)
      yield* print(`not repaired, because repair only creates missing objects:\n${differenceTable(manual)}`)
    if (own.length > 0) yield* print(`not repaired, because migrations create these tables:\n${differenceTable(own)}`)
    if (statements.length > 0) yield* confirm("Run these statements?", flags)
    const proof = statements.length === 0 ? undefined : yield* requireDatabase(repair(statements))
    const { differences, fingerprint } = yield* requireDatabase(refresh)
    if (flags.json) yield* Console.log(JSON.stringify({ ran: statements, proof, differences, fingerprint }))
    else {
      if (proof !== undefined) yield* printProof(proof)
      yield* Console.log(differences.length === 0 ? "no drift" : `remaining:\n${differenceTable(differences)}`)
    }
    if (differences.length > 0) return yield* new ExitWith({ code: driftExitCode })
  }).pipe(onDatabase)
).pipe(Command.withDescription("Create missing baseline objects: print the SQL, ask, and run it in one transaction"))
