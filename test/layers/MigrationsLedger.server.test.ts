import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { NodeFileSystem } from "@effect/platform-node"
import * as Runtime from "effect/Runtime"
import { checksumOf, manifestName } from "../../src/layers/migrations/Checksum.ts"
import { existingDatabase } from "../support/Catalog.ts"
import { plainCatalog } from "../support/CatalogFixture.ts"
import { fixtureFolder, migrationsWith, namesOf, onFreshDatabase, run } from "../support/TestMigrations.ts"

const columns = run(
  "SELECT migration_id AS id, name, checksum, fingerprint, version, mode FROM tbg_api.migrations ORDER BY migration_id"
)

const sourceOf = (file: string) =>
  Effect.flatMap(FileSystem.FileSystem, ({ readFileString }) => readFileString(file)).pipe(
    Effect.provide(NodeFileSystem.layer)
  )

/** A ledger as created by Effect's Migrator, with the baseline recorded. */
const olderLedger = Effect.gen(function* () {
  yield* run(
    "CREATE TABLE tbg_api_migrations (migration_id integer primary key, created_at timestamptz not null default now(), name text not null)"
  )
  yield* run("INSERT INTO tbg_api_migrations (migration_id, name) VALUES (1, 'baseline')")
})

const baselineSum = Effect.map(sourceOf(`${fixtureFolder("baseline")}/0001_baseline.ts`), checksumOf)

describe("a checksum", () => {
  it("ignores the kind of line endings", () => {
    assert.strictEqual(checksumOf("a\r\nb\rc\n"), checksumOf("a\nb\nc\n"))
    assert.notStrictEqual(checksumOf("a\nb\n"), checksumOf("a\nb"))
    assert.match(checksumOf(""), /^[0-9a-f]{64}$/)
  })
})

describe("the ledger", () => {
  it.effect("records how each migration was applied: by which version, from which source, on which catalog", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        const { refresh, up } = yield* migrationsWith({ folder: fixtureFolder("notes"), version: "4.5.6" })
        yield* up
        const { fingerprint } = yield* refresh
        const [first, second, third] = yield* columns
        assert.deepStrictEqual(first, {
          id: 1,
          name: "baseline",
          checksum: yield* baselineSum,
          fingerprint,
          version: "4.5.6",
          mode: "recognised"
        })
        assert.deepInclude(second, { id: 2, fingerprint: null, version: "4.5.6", mode: "applied" })
        assert.deepInclude(third, { id: 3, name: "index_notes", mode: "applied" })
      })
    )
  )

  it.effect("records that a baseline was created", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const { refresh, up } = yield* migrationsWith({ environment: "test" })
        yield* up
        const { fingerprint } = yield* refresh
        assert.deepInclude((yield* columns)[0], { mode: "created", fingerprint })
      })
    )
  )

  it.effect("of an older version can be read, and the next up completes it", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        yield* olderLedger
        const { status, up } = yield* migrationsWith()
        const [before] = yield* status
        assert.deepInclude(before, { name: "0001_baseline", mode: null, version: null, changed: false })
        assert.deepStrictEqual(namesOf(yield* up), [])
        assert.deepInclude((yield* columns)[0], { checksum: yield* baselineSum, mode: null, version: null })
      })
    )
  )

  it.effect("of an older version gets the new columns with the next migration", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        yield* olderLedger
        const { up } = yield* migrationsWith({ folder: fixtureFolder("notes") })
        assert.deepStrictEqual(namesOf(yield* up), ["0002_create_notes", "0003_index_notes"])
        const [first, second] = yield* columns
        assert.deepInclude(first, { checksum: yield* baselineSum, mode: null })
        assert.deepInclude(second, { mode: "applied", version: "1.2.3" })
      })
    )
  )
})

describe("a migration that changed after it was applied", () => {
  const changed = Effect.gen(function* () {
    yield* existingDatabase(plainCatalog)
    yield* (yield* migrationsWith()).up
    yield* run("UPDATE tbg_api.migrations SET checksum = 'another'")
  })

  it.effect("is named by up and by verify, and marked in the status", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* changed
        const { status, up, verify } = yield* migrationsWith()
        const error = yield* Effect.flip(up)
        assert.strictEqual(
          error.message,
          "migrations: 0001_baseline has changed since it was applied: its checksum does not match"
        )
        assert.strictEqual(Runtime.getErrorExitCode(error), 1)
        assert.deepStrictEqual((yield* Effect.flip(verify)).message, error.message)
        assert.deepStrictEqual(
          (yield* status).map(({ changed, name }) => ({ changed, name })),
          [{ changed: true, name: "0001_baseline" }]
        )
      })
    )
  )
})

describe("bundled migrations", () => {
  it.effect("have the checksums of their sources, which the build writes", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const { makeTempDirectoryScoped, writeFileString } = yield* FileSystem.FileSystem
        const folder = yield* makeTempDirectoryScoped()
        yield* writeFileString(`${folder}/0001_note.js`, "export default undefined\n")
        const unreadable = yield* Effect.flip((yield* migrationsWith({ folder })).status)
        assert.strictEqual(unreadable.message, `migrations: ${folder} cannot be read`)
        yield* writeFileString(`${folder}/${manifestName}`, JSON.stringify({ "0001_note": "sum" }))
        yield* run(
          "CREATE TABLE tbg_api_migrations (migration_id int, created_at timestamptz, name text, checksum text)"
        )
        yield* run("INSERT INTO tbg_api_migrations VALUES (1, now(), 'note', 'sum')")
        const { status } = yield* migrationsWith({ folder })
        assert.deepInclude((yield* status)[0], { name: "0001_note", changed: false, unknown: false })
        yield* run("UPDATE tbg_api_migrations SET checksum = 'other'")
        assert.deepInclude((yield* status)[0], { changed: true })
      }).pipe(Effect.provide(NodeFileSystem.layer))
    )
  )
})
