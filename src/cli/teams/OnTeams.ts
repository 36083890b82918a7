import { Effect, Schema } from "effect"
import { isSqlError } from "effect/sql/SqlError"
import * as Runtime from "effect/Runtime"
import { PlayerServices, TeamServices } from "../../Services.ts"
import { conditionOf } from "../../domain/SqlState.ts"
import { TeamName } from "../../domain/Text.ts"
import { databaseDown } from "../../layers/database/Fault.ts"
import { Migrations } from "../../layers/Migrations.ts"
import { Teams } from "../../services/Teams.ts"
import { requireDatabase, driftExitCode, onDatabase } from "../migrate/OnDatabase.ts"
import { UsageError } from "../CommandErrors.ts"
import { decodeWith } from "../CommandParts.ts"

class NotMigrated extends Schema.TaggedError<NotMigrated>()("NotMigrated", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = driftExitCode
}

const requireTables = Effect.gen(function* () {
  const { status } = yield* Migrations
  const all = yield* requireDatabase(status)
  const pending = all.filter(({ appliedAt }) => appliedAt === null).map(({ name }) => name)
  if (pending.length === 0) return
  return yield* new NotMigrated({ message: `the database lacks ${pending.join(", ")}; run tbg migrate up` })
})

/** Turns the defect of an unavailable database into advice. Other defects stay defects. */
const explainOutage = (defect: unknown) =>
  isSqlError(defect) && conditionOf(defect.reason) !== undefined
    ? requireDatabase(Effect.fail(databaseDown(defect)))
    : Effect.die(defect)

/** Runs a command with the team services, on a database without pending migrations. */
export const onTeams = <A, E, R>(command: Effect.Effect<A, E, R>) =>
  onDatabase(Effect.andThen(requireTables, Effect.catchDefect(Effect.provide(command, TeamServices), explainOutage)))

/** The same with the services of players and of teams. */
export const onPlayers = <A, E, R>(command: Effect.Effect<A, E, R>) => onTeams(Effect.provide(command, PlayerServices))

/** Decodes a flag or an argument that names a team. */
export const teamName = decodeWith(
  TeamName,
  "1 to 63 characters of a-z, 0-9, _ and -, starting with a letter or a digit"
)

export const findTeam = Effect.fnUntraced(function* (name: string) {
  const { find } = yield* Teams
  return yield* Effect.mapError(
    find(name),
    () => new UsageError({ message: `team ${name} does not exist; run tbg teams list` })
  )
})
