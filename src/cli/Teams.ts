import { Console, DateTime, Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { Teams as TeamService } from "../services/Teams.ts"
import { TeamName } from "../domain/Text.ts"
import { commandGroup, decodeWith, json, printRecords, UsageError } from "./CommandParts.ts"
import { onTeams } from "./OnDatabase.ts"

/** Decodes a flag or an argument that names a team. */
export const teamName = decodeWith(
  TeamName,
  "1 to 63 characters of a-z, 0-9, _ and -, starting with a letter or a digit"
)

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
    yield* printRecords(teams, flags, "no teams; create one with tbg teams create NAME")
  }).pipe(onTeams)
).pipe(Command.withDescription("List teams by name"))

export const Teams = commandGroup("teams", "Create and list teams", [create, list])
