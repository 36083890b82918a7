import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { mkdir, readdir, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { commandResult } from "../support/CommandResult.ts"

const program = join(import.meta.dirname, "../../src/main.ts")

/** An empty folder, and the command run in it. */
const inFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "tbg-new-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
).pipe(
  Effect.map((folder) => ({
    folder,
    make: (name: string) => commandResult(process.execPath, [program, "migrate", "new", name], { cwd: folder })
  }))
)

describe("tbg migrate new", () => {
  it.live("writes the formatted file of the next migration with a rollback, and prints its path", () =>
    Effect.gen(function* () {
      const { folder, make } = yield* inFolder
      yield* Effect.promise(() => mkdir(join(folder, "migrations")))
      yield* Effect.promise(() => writeFile(join(folder, "migrations", "0041_create_teams.ts"), ""))
      const { code, stderr, stdout } = yield* make("add_index")
      assert.deepStrictEqual([code, stdout, stderr], [0, "migrations/0042_add_index.ts\n", ""])
      const text = readFileSync(join(folder, "migrations", "0042_add_index.ts"), "utf8")
      assert.match(text, /^export default Effect\.gen\(/m)
      assert.match(text, /^export const down = Effect\.gen\(/m)
      // The template is not valid SQL, so an unedited file cannot be recorded as applied.
      assert.match(text, /yield\* sql`WRITE/)
      assert.notMatch(text, /sql``/)
    })
  )

  it.live("refuses an existing name and a directory without migrations", () =>
    Effect.gen(function* () {
      const { folder, make } = yield* inFolder
      const elsewhere = yield* make("add_index")
      assert.deepStrictEqual(
        [elsewhere.code, elsewhere.stderr],
        [64, "no migrations folder in the working directory; run this in the source tree\n"]
      )
      const migrations = join(folder, "migrations")
      yield* Effect.promise(() => mkdir(migrations))
      yield* Effect.promise(() => writeFile(join(migrations, "0001_add_index.ts"), ""))
      const again = yield* make("add_index")
      assert.deepStrictEqual([again.code, again.stderr], [64, "0001_add_index already exists\n"])
      assert.deepStrictEqual(yield* Effect.promise(() => readdir(migrations)), ["0001_add_index.ts"])
    })
  )
})
