import { Effect, Schema } from "effect"
import { isSqlError } from "effect/sql/SqlError"
import * as Runtime from "effect/Runtime"
import { TeamServices } from "../../App.ts"
import { conditionOf } from "../../domain/SqlState.ts"
import { TeamName } from "../../domain/Text.ts"
import { databaseDown } from "../../layers/database/Fault.ts"
import { Migrations } from "../../layers/Migrations.ts"
import { Teams } from "../../services/Teams.ts"
import { answered, drifted, onDatabase } from "../migrate/OnDatabase.ts"
import { Misused } from "../Report.ts"

/** The database has not got the tables yet. */
class NotMigrated extends Schema.TaggedError<NotMigrated>()("NotMigrated", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = drifted
}

const requireTables = Effect.gen(function* () {
  const { status } = yield* Migrations
  const steps = yield* answered(status)
  const pending = steps.filter(({ appliedAt }) => appliedAt === null).map(({ name }) => name)
  if (pending.length === 0) return
  return yield* new NotMigrated({ message: `the database lacks ${pending.join(", ")}: run tbg migrate up` })
})

/** Reports an unavailable database as such; any other defect stays one. */
const lost = (defect: unknown) =>
  isSqlError(defect) && conditionOf(defect.reason) !== undefined
    ? answered(Effect.fail(databaseDown(defect)))
    : Effect.die(defect)

/** Runs a command with the teams of the configured database, whose tables have to be there. */
export const onTeams = <A, E, R>(command: Effect.Effect<A, E, R>) =>
  onDatabase(Effect.andThen(requireTables, Effect.catchDefect(Effect.provide(command, TeamServices), lost)))

/** Reads what was given on the command line; `shown` is how a refusal names it. */
export const given =
  <S extends Schema.ConstraintDecoder<unknown>>(schema: S, wanted: string) =>
  (shown: string, text: string): Effect.Effect<S["Type"], Misused, S["DecodingServices"]> =>
    Effect.mapError(
      Schema.decodeUnknownEffect(schema)(text),
      () => new Misused({ message: `${shown}: wanted ${wanted}` })
    )

const teamName = given(TeamName, "1 to 63 characters of a-z, 0-9, _ and -, the first of them a letter or a digit")

export const nameOf = (name: string) => teamName(JSON.stringify(name), name)

export const teamNamed = Effect.fnUntraced(function* (name: string) {
  const { find } = yield* Teams
  return yield* Effect.mapError(
    find(yield* nameOf(name)),
    () => new Misused({ message: `there is no team ${name}: see tbg teams list` })
  )
})
