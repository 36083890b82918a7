import { Console, Effect, Layer, Schema } from "effect"
import { isSqlError } from "effect/sql/SqlError"
import * as Runtime from "effect/Runtime"
import type { DependencyDown } from "../domain/Dependency.ts"
import { conditionOf } from "../domain/SqlState.ts"
import { databaseAdvice } from "../layers/Advice.ts"
import { AppConfig } from "../layers/AppConfig.ts"
import { Database } from "../layers/Database.ts"
import { databaseDown } from "../layers/database/Fault.ts"
import { Migrations } from "../layers/Migrations.ts"
import { WaitNotice } from "../layers/migrations/Lock.ts"
import { PlayerServices, TeamServices } from "../Services.ts"
import { driftExitCode, explainOutage, quietly, Unavailable } from "./CommandParts.ts"

/** Rejects the in-memory database, because it ends with this process. */
const rejectMemory = Effect.gen(function* () {
  const { database } = yield* AppConfig
  if (database.target._tag !== "Embedded" || database.target.folder !== undefined) return
  const message =
    "TBG_DATABASE_URL=embedded is an in-memory database, which is lost when this command ends; " +
    "set it to postgresql://USER@HOST/DATABASE or embedded:FOLDER"
  return yield* new Unavailable({ message })
})

/** Fails unless the database is available. */
const probeDatabase = Effect.flatMap(Database, ({ probe }) => probe)

const Services = Migrations.layer.pipe(Layer.provideMerge(Database.layer))

/**
 * Runs a command on the configured database. If it is unavailable, fails with advice for the operator. Prints to
 * standard error while it waits for the migration lock.
 */
export const onDatabase = <A, E, R>(command: Effect.Effect<A, E | DependencyDown, R>) =>
  explainOutage(Effect.andThen(probeDatabase, command), ({ database }, down) =>
    databaseAdvice(database.target, down)
  ).pipe(
    Effect.provide(Services),
    (run) => Effect.andThen(rejectMemory, run),
    Effect.provideService(WaitNotice, Console.error),
    quietly
  )

class NotMigrated extends Schema.TaggedError<NotMigrated>()("NotMigrated", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = driftExitCode
}

const requireTables = Effect.gen(function* () {
  const all = yield* (yield* Migrations).status
  const pending = all.filter(({ appliedAt }) => appliedAt === null).map(({ name }) => name)
  if (pending.length === 0) return
  return yield* new NotMigrated({ message: `the database lacks ${pending.join(", ")}; run tbg migrate up` })
})

/** Turns the defect of an unavailable database into a failure. Other defects stay defects. */
const failOnOutage = (defect: unknown) =>
  isSqlError(defect) && conditionOf(defect.reason) !== undefined
    ? Effect.andThen(probeDatabase, Effect.fail(databaseDown(defect)))
    : Effect.die(defect)

/** Runs a command with the team services, on a database without pending migrations. */
export const onTeams = <A, E, R>(command: Effect.Effect<A, E, R>) =>
  onDatabase(Effect.andThen(requireTables, Effect.catchDefect(Effect.provide(command, TeamServices), failOnOutage)))

/** The same with the services of players and of teams. */
export const onPlayers = <A, E, R>(command: Effect.Effect<A, E, R>) => onTeams(Effect.provide(command, PlayerServices))
