import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Runtime from "effect/Runtime"
import { existingDatabase } from "../support/Catalog.ts"
import { plainCatalog } from "../support/CatalogFixture.ts"
import { fingerprint, tableNames } from "../support/Fingerprint.ts"
import { capturedLogs } from "../support/CapturedLogs.ts"
import { fixtureFolder, migrationsWith, onFreshDatabase, records, run } from "../support/TestMigrations.ts"

/** Lines of the refusal on a database changed by these statements; checks that nothing was written. */
const refusalAfter = (change: string, policy: "verify" | "strict") =>
  Effect.gen(function* () {
    yield* existingDatabase(plainCatalog)
    yield* run(change)
    const before = yield* fingerprint
    const { up } = yield* migrationsWith({ environment: "development", policy })
    const error = yield* Effect.flip(up)
    assert.strictEqual(error._tag, "BaselineRefused")
    assert.strictEqual(Runtime.getErrorExitCode(error), 3)
    assert.deepStrictEqual(yield* fingerprint, before)
    assert.notInclude(yield* tableNames, "tbg_api_migrations")
    return error.message.split("\n").slice(1)
  })

describe("migrations of a database that differs", () => {
  it.effect("refuse a partial baseline and name what is missing", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const lines = yield* refusalAfter("DROP TABLE weekly_best_diff", "verify")
        assert.strictEqual(lines.length, 1)
        assert.match(lines[0] ?? "", /^table weekly_best_diff is missing; expected a table \(id bigint NOT NULL, /)
      })
    )
  )

  it.effect("refuse a missing column", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const lines = yield* refusalAfter("ALTER TABLE users DROP COLUMN country_code", "verify")
        assert.deepStrictEqual(lines, ["column users.country_code is missing; expected character(2)"])
      })
    )
  )

  it.effect("refuse a column of another type", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const lines = yield* refusalAfter("ALTER TABLE blocks ALTER COLUMN reward_btc TYPE numeric(20,8)", "verify")
        assert.deepStrictEqual(lines, ["column blocks.reward_btc is numeric(20,8); expected numeric(16,8)"])
      })
    )
  )

  it.effect.each([
    ["DROP INDEX idx_shares_valid", "index idx_shares_valid on shares"],
    ["ALTER TABLE workers DROP CONSTRAINT workers_user_id_fkey", "constraint workers_user_id_fkey on workers"],
    ["DROP TABLE rate_limit_events", "table rate_limit_events"]
  ] as const)("record with a warning, and refuse if strict, after %s", ([change, object]) =>
    onFreshDatabase(
      Effect.gen(function* () {
        const lines = yield* refusalAfter(change, "strict")
        assert.strictEqual(lines.length, 1)
        assert.match(lines[0] ?? "", new RegExp(`^${object} is missing; expected `))

        const logs = yield* capturedLogs
        const { drift, up } = yield* migrationsWith()
        yield* Effect.provide(up, logs.layer)
        assert.deepStrictEqual(yield* records, [{ id: 1, name: "baseline" }])
        assert.deepStrictEqual(logs.warnings(), [`baseline: ${object} is missing`])
        assert.strictEqual(yield* drift, "detected")
      })
    )
  )
})

describe("migrations of an empty database", () => {
  it.effect.each(["production", "staging"] as const)(
    "are refused in %s, name the tables, and change nothing",
    (environment) =>
      onFreshDatabase(
        Effect.gen(function* () {
          const { up } = yield* migrationsWith({ environment, policy: "strict" })
          const error = yield* Effect.flip(up)
          assert.strictEqual(Runtime.getErrorExitCode(error), 3)
          assert.include(error.message, "TBG_BASELINE_POLICY=create")
          for (const table of Object.keys(plainCatalog.tables))
            assert.include(error.message, `\ntable ${table} is missing`)
          assert.deepStrictEqual(yield* tableNames, [])
        })
      )
  )
})

describe("migrations with an invalid history", () => {
  it.effect("name a file with an invalid name", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const { up } = yield* migrationsWith({ folder: fixtureFolder("misnamed") })
        assert.include((yield* Effect.flip(up)).message, "invalid file name 1_baseline.ts")
      })
    )
  )

  it.effect("name a migration that was skipped and is older than the latest", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        const { up } = yield* migrationsWith()
        yield* up
        yield* run("UPDATE tbg_api.migrations SET migration_id = 2, name = 'later'")
        assert.include((yield* Effect.flip(up)).message, "0001_baseline was never applied")
        assert.deepStrictEqual(yield* records, [{ id: 2, name: "later" }])
      })
    )
  )

  it.effect("name a migration that fails with its reason, and roll it back", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const { up } = yield* migrationsWith({ folder: fixtureFolder("broken") })
        assert.match((yield* Effect.flip(up)).message, /break.*: division by zero$/)
        assert.deepStrictEqual(yield* tableNames, [])
      })
    )
  )

  it.effect("name a directory that does not exist", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const { up } = yield* migrationsWith({ folder: fixtureFolder("absent") })
        assert.match((yield* Effect.flip(up)).message, /migrations\/absent cannot be read$/)
      })
    )
  )
})
