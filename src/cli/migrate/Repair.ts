import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import { differenceTable } from "../../baseline/DifferenceTable.ts"
import { Migrations } from "../../layers/Migrations.ts"
import { Ended } from "../Ended.ts"
import { json } from "../Report.ts"
import { agreed, answered, drifted, onDatabase, printProof, yes } from "./OnDatabase.ts"

export const Repair = Command.make("repair", { json, yes }, (flags) =>
  Effect.gen(function* () {
    const { lacking, refresh, repair } = yield* Migrations
    const { manual, own, statements } = yield* answered(lacking)
    // With --json the statements go to standard error, so that standard output is one document.
    const print = flags.json ? Console.error : Console.log
    yield* Effect.forEach(statements, ({ object, sql }) => print(`-- ${object}\n${sql};`), { discard: true })
    if (manual.length > 0)
      yield* print(`not repaired, because repair only creates what is missing:\n${differenceTable(manual)}`)
    if (own.length > 0) yield* print(`not repaired, because migrations create our own tables:\n${differenceTable(own)}`)
    if (statements.length > 0) yield* agreed("Run these statements?", flags)
    const proof = statements.length === 0 ? undefined : yield* answered(repair(statements))
    const { differences, fingerprint } = yield* answered(refresh)
    if (flags.json) yield* Console.log(JSON.stringify({ ran: statements, proof, differences, fingerprint }))
    else {
      if (proof !== undefined) yield* printProof(proof)
      yield* Console.log(differences.length === 0 ? "no drift" : `remaining:\n${differenceTable(differences)}`)
    }
    if (differences.length > 0) return yield* new Ended({ code: drifted })
  }).pipe(onDatabase)
).pipe(Command.withDescription("Create missing baseline objects: print the SQL, ask, and run it in one transaction"))
