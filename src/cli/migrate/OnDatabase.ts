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
import { failWithAdvice, UsageError, Unavailable } from "../CommandErrors.ts"
import { quietly } from "../CommandParts.ts"

export const driftExitCode = 3

/** Runs an effect if the database is available; otherwise fails with advice for the operator. */
export const requireDatabase = <A, R>(effect: Effect.Effect<A, Refusal, R>) =>
  Effect.gen(function* () {
    const { probe } = yield* Database
    const { target } = (yield* AppConfig).database
    const explain = failWithAdvice((down) => databaseAdvice(target, down))
    yield* explain(probe)
    return yield* Effect.catchTag(effect, "DependencyDown", (down) => explain(Effect.fail(down)))
  })

/** Rejects the in-memory database, because it ends with this process. */
const rejectMemory = Effect.gen(function* () {
  const { database } = yield* AppConfig
  if (database.target._tag !== "Embedded" || database.target.folder !== undefined) return
  const message =
    "TBG_DATABASE_URL=embedded is an in-memory database, which is lost when this command ends; " +
    "set it to postgresql://USER@HOST/DATABASE or embedded:FOLDER"
  return yield* new Unavailable({ message })
})

const Services = Migrations.layer.pipe(Layer.provideMerge(Database.layer))

/** Runs a command on the configured database. Prints to standard error while it waits for the migration lock. */
export const onDatabase = <A, E, R>(command: Effect.Effect<A, E, R>) =>
  quietly(
    Effect.andThen(rejectMemory, Effect.provide(command, Services)).pipe(
      Effect.provideService(WaitNotice, Console.error)
    )
  )

export const yes = Flag.Boolean("yes").pipe(Flag.withDescription("Skip the confirmation"), Flag.withDefault(false))

/** Asks for confirmation at a terminal. Fails if the user declines, or without a terminal unless `--yes` is given. */
export const confirm = Effect.fnUntraced(function* (question: string, flags: { readonly yes: boolean }) {
  if (flags.yes) return
  const { stdinIsTerminal } = yield* Stdio.Stdio
  if (!(yield* stdinIsTerminal)) {
    return yield* new UsageError({ message: "aborted; no changes made; without a terminal, add --yes" })
  }
  const answer = Effect.orElseSucceed(Prompt.run(Prompt.Confirm({ message: question })), () => false)
  if (!(yield* answer)) return yield* new UsageError({ message: "aborted; no changes made" })
})

export const printProof = (proof: Proof) => Console.log(describeProof(proof).join("\n"))
