import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existingDatabase } from "../support/Catalog.ts"
import { plainCatalog } from "../support/CatalogFixture.ts"
import { fingerprint, ownTableNames, tableNames } from "../support/Fingerprint.ts"
import { fixtureFolder, migrationsWith, namesOf, onFreshDatabase, records, run } from "../support/TestMigrations.ts"

const notes = migrationsWith({ folder: fixtureFolder("notes") })

const newestFirst = ["0003_index_notes", "0002_create_notes", "0001_baseline"]

describe("a rollback", () => {
  it.effect("to base and a new migration leave the baseline's tables and rows unchanged", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        const before = yield* fingerprint
        const { down, newest, namesAbove, up } = yield* notes
        yield* up
        assert.deepStrictEqual(yield* namesAbove(0), newestFirst)
        const proof = yield* down(newestFirst)
        assert.strictEqual(proof.before, proof.after)
        assert.deepStrictEqual(
          proof.writes.map(({ deleted, inserted, updated }) => inserted + updated + deleted),
          [0, 0, 0, 0, 0, 0, 0, 0]
        )
        assert.deepStrictEqual(yield* fingerprint, before)
        assert.deepStrictEqual(yield* records, [])
        assert.isUndefined(yield* newest)
        assert.deepStrictEqual(namesOf(yield* up), newestFirst.toReversed())
        yield* down(newestFirst)
        assert.deepStrictEqual(yield* fingerprint, before)
      })
    )
  )

  it.effect("removes one migration, or all above a number", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        const { down, newest, namesAbove, up } = yield* notes
        yield* up
        yield* down(yield* namesAbove("previous"))
        assert.strictEqual(yield* newest, "0002_create_notes")
        assert.include(yield* ownTableNames, "notes")
        yield* up
        assert.deepStrictEqual(yield* namesAbove(1), newestFirst.slice(0, 2))
        yield* down(yield* namesAbove(1))
        assert.strictEqual(yield* newest, "0001_baseline")
        assert.notInclude(yield* ownTableNames, "notes")
      })
    )
  )

  it.effect("keeps a baseline that the service created", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const { down, up } = yield* migrationsWith({ environment: "test" })
        yield* up
        const tables = yield* tableNames
        yield* down(["0001_baseline"])
        assert.deepStrictEqual(yield* tableNames, tables)
        assert.strictEqual(tables.length, 8)
      })
    )
  )

  it.effect("names a migration without a rollback, before anything runs", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        const { down, namesAbove, up } = yield* migrationsWith({ folder: fixtureFolder("wayless") })
        yield* up
        const words = "migrations: 0002_create_notes exports no down, so it cannot be rolled back"
        assert.strictEqual((yield* Effect.flip(namesAbove(0))).message, words)
        assert.strictEqual((yield* Effect.flip(down(["0002_create_notes", "0001_baseline"]))).message, words)
        assert.strictEqual((yield* records).length, 2)
      })
    )
  )

  it.effect("names a migration of a newer version, and a number that is not applied", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        yield* (yield* notes).up
        const { namesAbove } = yield* migrationsWith()
        assert.match((yield* Effect.flip(namesAbove(1))).message, /0003_index_notes is unknown to this version/)
        assert.match((yield* Effect.flip(namesAbove(7))).message, /0007 is not applied/)
      })
    )
  )

  it.effect("does nothing if the ledger has changed since the confirmation", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        const { down, namesAbove, up } = yield* notes
        yield* up
        const agreed = yield* namesAbove("previous")
        yield* down(agreed)
        assert.match((yield* Effect.flip(down(agreed))).message, /another process has changed the ledger meanwhile/)
        assert.strictEqual((yield* records).length, 2)
      })
    )
  )

  it.effect("changes nothing if one of its migrations fails", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        const { down, up } = yield* notes
        yield* up
        yield* run("CREATE VIEW readers AS SELECT words FROM tbg_api.notes")
        assert.include((yield* Effect.flip(down(newestFirst))).message, "cannot drop table notes")
        assert.strictEqual((yield* records).length, 3)
        assert.strictEqual((yield* run("SELECT 1 FROM pg_class WHERE relname = 'notes_words'")).length, 1)
      })
    )
  )
})
