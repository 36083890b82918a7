import { Console, Effect, Layer, Stdio } from "effect"
import { Flag, Prompt } from "effect/cli"
import { describeProof } from "../../baseline/Proof.ts"
import type { Proof } from "../../baseline/Proof.ts"
import { databaseAdvice } from "../../layers/Advice.ts"
import { AppConfig } from "../../layers/AppConfig.ts"
import { Database } from "../../layers/Database.ts"
import { Migrations } from "../../layers/Migrations.ts"
import type { Refusal } from "../../layers/migrations/Refusal.ts"
import { WaitNotice } from "../../layers/migrations/Lock.ts"
import { answeredBy, Misused, quietly, Unavailable } from "../Report.ts"

/** Exit code for schema drift. */
export const drifted = 3

/** Runs an effect on the configured database if it is available. */
export const answered = <A, R>(asked: Effect.Effect<A, Refusal, R>) =>
  Effect.gen(function* () {
    const { probe } = yield* Database
    const { target } = (yield* AppConfig).database
    const answers = answeredBy((down) => databaseAdvice(target, down))
    yield* answers(probe)
    return yield* Effect.catchTag(asked, "DependencyDown", (down) => answers(Effect.fail(down)))
  })

/** Refuses the database in memory, because it ends with this process. */
const refuseMemory = Effect.gen(function* () {
  const { database } = yield* AppConfig
  if (database.target._tag !== "Embedded" || database.target.folder !== undefined) return
  const message =
    "TBG_DATABASE_URL=embedded is a database in memory, which is lost when this command ends; " +
    "set it to postgresql://USER@HOST/DATABASE or embedded:FOLDER"
  return yield* new Unavailable({ message })
})

const Services = Migrations.layer.pipe(Layer.provideMerge(Database.layer))

/** Runs a command with the configured database. Standard error shows what it waits for. */
export const onDatabase = <A, E, R>(command: Effect.Effect<A, E, R>) =>
  quietly(
    Effect.andThen(refuseMemory, Effect.provide(command, Services)).pipe(
      Effect.provideService(WaitNotice, Console.error)
    )
  )

export const yes = Flag.Boolean("yes").pipe(Flag.withDescription("Skip the question"), Flag.withDefault(false))

/** Ends the command unless `--yes` was given or a person at a terminal agrees. */
export const agreed = Effect.fnUntraced(function* (question: string, flags: { readonly yes: boolean }) {
  if (flags.yes) return
  const { stdinIsTerminal } = yield* Stdio.Stdio
  if (!(yield* stdinIsTerminal)) {
    return yield* new Misused({ message: "aborted; no changes made; without a terminal, add --yes" })
  }
  const answer = Effect.orElseSucceed(Prompt.run(Prompt.Confirm({ message: question })), () => false)
  if (!(yield* answer)) return yield* new Misused({ message: "aborted; no changes made" })
})

export const printProof = (proof: Proof) => Console.log(describeProof(proof).join("\n"))
