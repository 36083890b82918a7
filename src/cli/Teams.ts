import { Console, DateTime, Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { aligned } from "../baseline/DifferenceTable.ts"
import { Teams as TeamService } from "../services/Teams.ts"
import { commandGroup } from "./CommandGroup.ts"
import { json, Misused } from "./Report.ts"
import { nameOf, onTeams } from "./teams/OnTeams.ts"

const name = Argument.String("name").pipe(
  Argument.withDescription("What stands in paths: 1 to 63 characters of a-z, 0-9, _ and -")
)

const create = Command.make("create", { name }, (flags) =>
  Effect.gen(function* () {
    const wanted = yield* nameOf(flags.name)
    const { id } = yield* Effect.mapError(
      (yield* TeamService).create(wanted),
      () => new Misused({ message: `there is a team ${wanted} already` })
    )
    yield* Console.log(`${wanted}: created, id ${id}`)
  }).pipe(onTeams)
).pipe(Command.withDescription("Make a team"))

const list = Command.make("list", { json }, (flags) =>
  Effect.gen(function* () {
    const found = yield* (yield* TeamService).list
    const teams = found.map(({ createdAt, id, name }) => ({ name, id, created_at: DateTime.formatIso(createdAt) }))
    if (flags.json) return yield* Console.log(JSON.stringify(teams))
    if (teams.length === 0) return yield* Console.log("no team: tbg teams create NAME makes one")
    yield* Console.log(aligned([["NAME", "ID", "CREATED"], ...teams.map((team) => Object.values(team))]))
  }).pipe(onTeams)
).pipe(Command.withDescription("List the teams, by name"))

export const Teams = commandGroup("teams", "Make teams, and list them", [create, list])
