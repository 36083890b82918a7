import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { Migrations } from "../../layers/Migrations.ts"
import type { Target } from "../../layers/migrations/History.ts"
import { Misused } from "../Report.ts"
import { agreed, answered, onDatabase, printProof, yes } from "./OnDatabase.ts"

const to = Flag.String("to").pipe(
  Flag.withDescription("The number of the step to go down to, or base; without it the newest step is taken back"),
  Flag.optional
)

const targetOf = Effect.fnUntraced(function* (to: Option.Option<string>): Effect.fn.Return<Target, Misused> {
  if (Option.isNone(to)) return "previous"
  if (to.value === "base") return 0
  if (/^\d{1,4}$/.test(to.value) && Number(to.value) > 0) return Number(to.value)
  return yield* new Misused({ message: `--to ${to.value}: wanted the number of a step, or base` })
})

export const Down = Command.make("down", { to, yes }, (flags) =>
  Effect.gen(function* () {
    const { down, namesAbove } = yield* Migrations
    const names = yield* answered(namesAbove(yield* targetOf(flags.to)))
    if (names.length === 0) return yield* Console.log("nothing to do: no step is above that")
    yield* agreed(
      `Take back ${names.join(", ")}? Tables that they made go, with their rows; those of the baseline stay.`,
      flags
    )
    const proof = yield* answered(down(names))
    yield* Effect.forEach(names, (name) => Console.log(`${name}: taken back`), { discard: true })
    yield* printProof(proof)
  }).pipe(onDatabase)
).pipe(Command.withDescription("Take back the newest step, or all above the one named; the baseline's tables stay"))
