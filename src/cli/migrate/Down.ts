import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { Migrations } from "../../layers/Migrations.ts"
import type { Target } from "../../layers/migrations/History.ts"
import { confirm, requireDatabase, onDatabase, printProof, yes } from "./OnDatabase.ts"

const targetOf = (to: string): Option.Option<Target> => {
  if (to === "base") return Option.some(0)
  return /^\d{1,4}$/.test(to) && Number(to) > 0 ? Option.some(Number(to)) : Option.none()
}

const to = Flag.String("to").pipe(
  Flag.filterMap(targetOf, () => "the number of a migration, or base"),
  Flag.withDescription(
    "Number of the latest migration to keep, or base to keep none; by default, only the latest is rolled back"
  ),
  Flag.withDefault<Target>("previous")
)

export const Down = Command.make("down", { to, yes }, (flags) =>
  Effect.gen(function* () {
    const { down, namesAbove } = yield* Migrations
    const names = yield* requireDatabase(namesAbove(flags.to))
    if (names.length === 0) return yield* Console.log("nothing to do; no migration to roll back")
    yield* confirm(
      `Roll back ${names.join(", ")}? This drops the tables that they created. Baseline tables stay.`,
      flags
    )
    const proof = yield* requireDatabase(down(names))
    yield* Effect.forEach(names, (name) => Console.log(`${name}: rolled back`), { discard: true })
    yield* printProof(proof)
  }).pipe(onDatabase)
).pipe(Command.withDescription("Roll back the latest migration, or down to --to; baseline tables stay"))
