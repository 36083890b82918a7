import { Console, DateTime, Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { alignColumns } from "../baseline/Columns.ts"
import { Teams as TeamService } from "../services/Teams.ts"
import { commandGroup, json } from "./CommandParts.ts"
import { UsageError } from "./CommandErrors.ts"
import { onTeams, teamName } from "./teams/OnTeams.ts"

const name = Argument.String("name").pipe(
  Argument.withDescription("Name of the team in paths: 1 to 63 characters of a-z, 0-9, _ and -"),
  teamName
)

const create = Command.make("create", { name }, (flags) =>
  Effect.gen(function* () {
    const { id } = yield* Effect.mapError(
      (yield* TeamService).create(flags.name),
      () => new UsageError({ message: `team ${flags.name} already exists` })
    )
    yield* Console.log(`created team ${flags.name} (id ${id})`)
  }).pipe(onTeams)
).pipe(Command.withDescription("Create a team"))

const list = Command.make("list", { json }, (flags) =>
  Effect.gen(function* () {
    const teams = (yield* (yield* TeamService).list).map(({ createdAt, id, name }) => ({
      name,
      id,
      created_at: DateTime.formatIso(createdAt)
    }))
    if (flags.json) return yield* Console.log(JSON.stringify(teams))
    if (teams.length === 0) return yield* Console.log("no teams; create one with tbg teams create NAME")
    yield* Console.log(alignColumns([["NAME", "ID", "CREATED"], ...teams.map((team) => Object.values(team))]))
  }).pipe(onTeams)
).pipe(Command.withDescription("List teams by name"))

export const Teams = commandGroup("teams", "Create and list teams", [create, list])
