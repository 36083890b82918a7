import { Effect, Schema } from "effect"
import { isSqlError } from "effect/sql/SqlError"
import * as Runtime from "effect/Runtime"
import { PlayerServices, TeamServices } from "../../App.ts"
import { conditionOf } from "../../domain/SqlState.ts"
import { TeamName } from "../../domain/Text.ts"
import { databaseDown } from "../../layers/database/Fault.ts"
import { Migrations } from "../../layers/Migrations.ts"
import { Teams } from "../../services/Teams.ts"
import { answered, drifted, onDatabase } from "../migrate/OnDatabase.ts"
import { decoded, Misused } from "../Report.ts"

/** The database lacks our tables. */
class NotMigrated extends Schema.TaggedError<NotMigrated>()("NotMigrated", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = drifted
}

const requireTables = Effect.gen(function* () {
  const { status } = yield* Migrations
  const steps = yield* answered(status)
  const pending = steps.filter(({ appliedAt }) => appliedAt === null).map(({ name }) => name)
  if (pending.length === 0) return
  return yield* new NotMigrated({ message: `the database lacks ${pending.join(", ")}; run tbg migrate up` })
})

/** Reports an unavailable database as such; any other defect stays one. */
const lost = (defect: unknown) =>
  isSqlError(defect) && conditionOf(defect.reason) !== undefined
    ? answered(Effect.fail(databaseDown(defect)))
    : Effect.die(defect)

/** Runs a command with the services of teams, on a database that has all migrations. */
export const onTeams = <A, E, R>(command: Effect.Effect<A, E, R>) =>
  onDatabase(Effect.andThen(requireTables, Effect.catchDefect(Effect.provide(command, TeamServices), lost)))

/** The same with the services of players and of teams. */
export const onPlayers = <A, E, R>(command: Effect.Effect<A, E, R>) => onTeams(Effect.provide(command, PlayerServices))

/** Flag or argument that names a team. */
export const teamName = decoded(TeamName, "1 to 63 characters of a-z, 0-9, _ and -, starting with a letter or a digit")

export const teamNamed = Effect.fnUntraced(function* (name: string) {
  const { find } = yield* Teams
  return yield* Effect.mapError(
    find(name),
    () => new Misused({ message: `team ${name} does not exist; run tbg teams list` })
  )
})
