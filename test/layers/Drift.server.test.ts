import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import { existingDatabase } from "../support/Catalog.ts"
import { plainCatalog } from "../support/CatalogFixture.ts"
import { capturedLogs } from "../support/CapturedLogs.ts"
import { migrationsWith, onFreshDatabase, run } from "../support/TestMigrations.ts"

const poll = Schedule.spaced("20 millis")

describe("the drift watch", () => {
  it.live("sees a change and its end, and logs each once", () =>
    Effect.gen(function* () {
      const logs = yield* capturedLogs
      const seen = Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        const { drift, up } = yield* migrationsWith({ driftIntervalSeconds: 0.05 })
        yield* up
        assert.strictEqual(yield* drift, "none")
        yield* run("ALTER TABLE users ALTER COLUMN display_name TYPE text")
        yield* Effect.repeat(drift, { schedule: poll, until: (found) => found === "detected" })
        yield* run("ALTER TABLE users ALTER COLUMN display_name TYPE varchar(64)")
        yield* Effect.repeat(drift, { schedule: poll, until: (found) => found === "none" })
        const ended = Effect.sync(() => logs.entries.length)
        yield* Effect.repeat(ended, { schedule: poll, until: (length) => length >= 3 })
      })
      yield* onFreshDatabase(seen).pipe(Effect.provide(logs.layer))
      assert.deepStrictEqual(
        logs.entries.map(({ message }) => message),
        ["baseline recognised", "the schema has drifted", "the schema is as it should be again"]
      )
    })
  )
})
