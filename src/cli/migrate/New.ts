import { Console, Effect, FileSystem } from "effect"
import { Argument, Command } from "effect/cli"
import { migrationName, parseFiles } from "../../layers/migrations/History.ts"
import { Misused } from "../Report.ts"

const folder = "migrations"

/** Invalid SQL, because a migration that was applied empty could not be changed any more. */
const template = `import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql\`WRITE THE MIGRATION\`
})

export const down = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql\`WRITE THE ROLLBACK\`
})
`

const name = Argument.String("name").pipe(
  Argument.filter(
    (name) => /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name),
    () => "lower-case verb_noun, for example create_teams"
  ),
  Argument.withDescription("Lower-case verb_noun, for example create_teams")
)

const misused = (message: string) => () => new Misused({ message })

export const New = Command.make("new", { name }, (given) =>
  Effect.gen(function* () {
    const { readDirectory, writeFileString } = yield* FileSystem.FileSystem
    const files = yield* Effect.mapError(
      readDirectory(folder),
      misused("no migrations folder in the working directory; run this in the source tree")
    )
    const steps = yield* Effect.mapError(
      Effect.fromResult(parseFiles(files)),
      ({ message }) => new Misused({ message })
    )
    const step = { id: (steps.at(-1)?.id ?? 0) + 1, name: given.name }
    const same = steps.find(({ name }) => name === step.name)
    if (same !== undefined) return yield* new Misused({ message: `${migrationName(same)} already exists` })
    const path = `${folder}/${migrationName(step)}.ts`
    yield* writeFileString(path, template, { flag: "wx" })
    yield* Console.log(path)
  })
).pipe(Command.withDescription("Create a migration file, and print its path"))
