import { assert, describe, it } from "@effect/vitest"
import { Effect, References } from "effect"
import { existingDatabase } from "../support/Catalog.ts"
import { plainCatalog } from "../support/CatalogFixture.ts"
import { capturedLogs } from "../support/CapturedLogs.ts"
import { fingerprint, tableNames } from "../support/Fingerprint.ts"
import { fixtureFolder, migrationsWith, onFreshDatabase, records, run } from "../support/TestMigrations.ts"

describe("migrate plan", () => {
  it.effect("lists what up would run on existing tables, and changes nothing", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        const before = yield* fingerprint
        const { plan, up } = yield* migrationsWith({ folder: fixtureFolder("notes") })
        const { steps } = yield* plan
        assert.deepStrictEqual(steps, [
          { name: "0001_baseline", mode: "recognised", statements: [] },
          {
            name: "0002_create_notes",
            mode: "applied",
            statements: [
              "CREATE TABLE notes (id INTEGER PRIMARY KEY, words TEXT NOT NULL)",
              "INSERT INTO notes (id, words) VALUES ($1, $2) -- $1 = 1, $2 = first"
            ]
          },
          { name: "0003_index_notes", mode: "applied", statements: ["CREATE INDEX notes_words ON notes (words)"] }
        ])
        assert.deepStrictEqual(yield* fingerprint, before)
        assert.notInclude(yield* tableNames, "tbg_api_migrations")
        assert.deepStrictEqual((yield* up).steps, steps)
        assert.deepStrictEqual((yield* plan).steps, [])
      })
    )
  )

  it.effect("lists the statements that create a baseline in order, without reads", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const { plan } = yield* migrationsWith({ environment: "development" })
        const [step] = (yield* plan).steps
        assert.deepInclude(step, { name: "0001_baseline", mode: "created" })
        assert.match(step?.statements[0] ?? "", /^CREATE TABLE users /)
        assert.deepStrictEqual(
          step?.statements.filter((statement) => !statement.startsWith("CREATE ")),
          []
        )
        assert.deepStrictEqual(yield* tableNames, [])
      })
    )
  )

  it.effect("is refused if up would be refused", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const { plan } = yield* migrationsWith()
        assert.strictEqual((yield* Effect.flip(plan))._tag, "BaselineRefused")
      })
    )
  )
})

describe("the proof", () => {
  it.effect("has the same fingerprint before and after, and no written row, also in the log", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        const logs = yield* capturedLogs
        const { refresh, up } = yield* migrationsWith({ folder: fixtureFolder("notes") })
        const atDebug = Effect.provideService(up, References.MinimumLogLevel, "Debug")
        const { proof } = yield* Effect.provide(atDebug, logs.layer)
        const { fingerprint } = yield* refresh
        assert.deepStrictEqual([proof?.before, proof?.after], [fingerprint, fingerprint])
        assert.deepStrictEqual(proof?.writes[2], { name: "shares", inserted: 0, updated: 0, deleted: 0 })
        assert.strictEqual(proof?.writes.length, 8)
        assert.deepStrictEqual(
          // The library's own lines begin with a capital letter.
          logs.entries.map(({ message }) => message).filter((message) => /^(migrat|baseline tables)/.test(message)),
          ["baseline tables recognized", "migration applied", "migration applied", "migrated"]
        )
      })
    )
  )

  it.effect("does not count earlier writes of the session", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        yield* run("UPDATE users SET last_seen = now()")
        const { proof } = yield* (yield* migrationsWith()).up
        assert.deepStrictEqual(proof?.writes[0], { name: "users", inserted: 0, updated: 0, deleted: 0 })
      })
    )
  )

  it.effect("rejects and rolls back a migration that writes rows of the baseline's tables, and names it", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        const before = yield* fingerprint
        const { up } = yield* migrationsWith({ folder: fixtureFolder("writing") })
        assert.strictEqual(
          (yield* Effect.flip(up)).message,
          "migrations: a migration wrote rows of baseline table users; nothing was changed"
        )
        const { rows } = yield* fingerprint
        assert.deepStrictEqual(rows, before.rows)
        assert.notInclude(yield* tableNames, "tbg_api_migrations")
      })
    )
  )

  it.effect("rejects a migration that changes the baseline's tables", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        const before = yield* fingerprint
        yield* (yield* migrationsWith()).up
        const { up } = yield* migrationsWith({ folder: fixtureFolder("altering") })
        assert.match((yield* Effect.flip(up)).message, /the baseline tables changed while the migrations ran/)
        assert.deepStrictEqual(yield* fingerprint, before)
        assert.deepStrictEqual(yield* records, [{ id: 1, name: "baseline" }])
      })
    )
  )
})
