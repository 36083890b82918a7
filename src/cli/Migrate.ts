import { Console, Effect, Layer } from "effect"
import { Command } from "effect/cli"
import type { SqlError } from "effect/sql/SqlError"
import { describeDifference } from "../baseline/Difference.ts"
import { AppConfig } from "../layers/AppConfig.ts"
import { Database } from "../layers/Database.ts"
import { Migrations } from "../layers/Migrations.ts"
import { Ended } from "./Ended.ts"
import { answeredBy, json, quietly, Unavailable } from "./Report.ts"

const drifted = 3

const answered = <A, E, R>(asked: Effect.Effect<A, E | SqlError, R>) =>
  Effect.gen(function* () {
    const { probe } = yield* Database
    yield* answeredBy("the database")(probe)
    return yield* asked
  })

/** A database that ends with this process is nothing to migrate, and nothing to look at. */
const refuseMemory = Effect.gen(function* () {
  const { database } = yield* AppConfig
  if (database.target._tag !== "Embedded" || database.target.folder !== undefined) return
  const message = "TBG_DATABASE_URL=embedded is a database in memory, which is gone when this command ends"
  return yield* new Unavailable({ message })
})

const Services = Migrations.layer.pipe(Layer.provideMerge(Database.layer))

const withDatabase = <A, E>(command: Effect.Effect<A, E, AppConfig | Database | Migrations>) =>
  quietly(Effect.andThen(refuseMemory, Effect.provide(command, Services)))

const up = Command.make("up", {}, () =>
  Effect.gen(function* () {
    const { newest, up } = yield* Migrations
    const ran = yield* answered(up)
    yield* Effect.forEach(ran, (name) => Console.log(`${name}: applied`), { discard: true })
    if (ran.length === 0) yield* Console.log(`nothing to do: the database is at ${yield* newest}`)
  }).pipe(withDatabase)
).pipe(Command.withDescription("Apply the steps that the database lacks"))

const status = Command.make("status", { json }, (flags) =>
  Effect.gen(function* () {
    const { status } = yield* Migrations
    const steps = yield* answered(status)
    if (flags.json) return yield* Console.log(JSON.stringify(steps))
    for (const { appliedAt, name, unknown } of steps) {
      const words = appliedAt === null ? "pending" : `applied ${appliedAt}`
      yield* Console.log(`${name}: ${words}${unknown ? ", by a program newer than this one" : ""}`)
    }
  }).pipe(withDatabase)
).pipe(Command.withDescription("List the steps, and when each was applied"))

const check = Command.make("check", { json }, (flags) =>
  Effect.gen(function* () {
    const { refresh } = yield* Migrations
    const differences = yield* answered(refresh)
    if (flags.json) yield* Console.log(JSON.stringify({ differences }))
    else if (differences.length === 0) yield* Console.log("no drift")
    else yield* Effect.forEach(differences, (one) => Console.log(`${one.severity}: ${describeDifference(one)}`))
    if (differences.length > 0) return yield* new Ended({ code: drifted })
  }).pipe(withDatabase)
).pipe(Command.withDescription("Compare the database with what this program was made for: exit code 0, or 3 for drift"))

export const Migrate = Command.make("migrate").pipe(
  Command.withDescription("Look at the schema, and bring it to the newest step"),
  Command.withSubcommands([up, status, check])
)
