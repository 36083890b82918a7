import { Console, Effect, FileSystem } from "effect"
import { Argument, Command } from "effect/cli"
import { migrationName, parseFiles } from "../../layers/migrations/History.ts"
import { Misused } from "../Report.ts"

const folder = "migrations"

/** Postgres refuses it as it stands: a step that was applied empty could not be written any more. */
const template = `import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql\`WRITE THIS STEP\`
})

export const down = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql\`WRITE THE WAY BACK\`
})
`

const name = Argument.String("name").pipe(Argument.withDescription("What the step does, such as create_teams"))

const misused = (message: string) => () => new Misused({ message })

export const New = Command.make("new", { name }, (given) =>
  Effect.gen(function* () {
    const { readDirectory, writeFileString } = yield* FileSystem.FileSystem
    if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(given.name)) {
      return yield* new Misused({
        message: `${JSON.stringify(given.name)} is no name of a step: wanted verb_noun, in small letters`
      })
    }
    const files = yield* Effect.mapError(
      readDirectory(folder),
      misused("there is no folder migrations here: a step is written in the sources")
    )
    const steps = yield* Effect.mapError(
      Effect.fromResult(parseFiles(files)),
      ({ message }) => new Misused({ message })
    )
    const step = { id: (steps.at(-1)?.id ?? 0) + 1, name: given.name }
    const same = steps.find(({ name }) => name === step.name)
    if (same !== undefined) return yield* new Misused({ message: `${migrationName(same)} is there already` })
    const path = `${folder}/${migrationName(step)}.ts`
    yield* writeFileString(path, template, { flag: "wx" })
    yield* Console.log(path)
  })
).pipe(Command.withDescription("Write the file of a new step under migrations, and print its path"))
