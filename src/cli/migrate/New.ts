import { Console, Effect, FileSystem } from "effect"
import { Argument, Command } from "effect/cli"
import { migrationName, parseFiles } from "../../layers/migrations/History.ts"
import { UsageError } from "../CommandErrors.ts"

const folder = "migrations"

/** Contains invalid SQL, so that it cannot be applied before it is written. An applied migration must not change. */
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

const usageError = (message: string) => () => new UsageError({ message })

export const New = Command.make("new", { name }, (flags) =>
  Effect.gen(function* () {
    const { readDirectory, writeFileString } = yield* FileSystem.FileSystem
    const files = yield* Effect.mapError(
      readDirectory(folder),
      usageError("no migrations folder in the working directory; run this in the source tree")
    )
    const migrations = yield* Effect.mapError(
      Effect.fromResult(parseFiles(files)),
      ({ message }) => new UsageError({ message })
    )
    const migration = { id: (migrations.at(-1)?.id ?? 0) + 1, name: flags.name }
    const same = migrations.find(({ name }) => name === migration.name)
    if (same !== undefined) return yield* new UsageError({ message: `${migrationName(same)} already exists` })
    const path = `${folder}/${migrationName(migration)}.ts`
    yield* writeFileString(path, template, { flag: "wx" })
    yield* Console.log(path)
  })
).pipe(Command.withDescription("Create a migration file, and print its path"))
