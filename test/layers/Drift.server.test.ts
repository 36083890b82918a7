import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Metric, Schedule } from "effect"
import { Migrations } from "../../src/layers/Migrations.ts"
import { watchDrift } from "../../src/layers/migrations/DriftWatch.ts"
import { existingDatabase } from "../support/Catalog.ts"
import { plainCatalog } from "../support/CatalogFixture.ts"
import { capturedLogs } from "../support/CapturedLogs.ts"
import { takeComparisonLock, whileLocked } from "../support/Locks.ts"
import { migrationsWith, onFreshDatabase, run } from "../support/TestMigrations.ts"

const poll = Schedule.spaced("20 millis")

const watching = (migrations: Migrations["Service"]) =>
  Effect.provide(watchDrift(0.05), Layer.succeed(Migrations, migrations))

/** Values of the gauge: one after the first check. */
const gauge = Effect.map(Metric.snapshot, (metrics) =>
  metrics.flatMap(({ id, state }) => (id === "tbg_schema_drift" && "value" in state ? [state.value] : []))
)

describe("the drift check", () => {
  it.live("logs a change and its end once each", () =>
    Effect.gen(function* () {
      const logs = yield* capturedLogs
      const seen = Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        const migrations = yield* migrationsWith()
        const { drift, up } = migrations
        yield* up
        yield* watching(migrations)
        assert.strictEqual(yield* drift, "none")
        assert.deepStrictEqual(yield* gauge, [0])
        yield* run("ALTER TABLE users ALTER COLUMN display_name TYPE text")
        yield* Effect.repeat(drift, { schedule: poll, until: (found) => found === "detected" })
        assert.deepStrictEqual(yield* gauge, [1])
        yield* run("ALTER TABLE users ALTER COLUMN display_name TYPE varchar(64)")
        yield* Effect.repeat(drift, { schedule: poll, until: (found) => found === "none" })
        const ended = Effect.sync(() => logs.entries.length)
        yield* Effect.repeat(ended, { schedule: poll, until: (length) => length >= 3 })
      })
      yield* onFreshDatabase(seen).pipe(
        Effect.provide(logs.layer),
        Effect.provideService(Metric.MetricRegistry, new Map())
      )
      assert.deepStrictEqual(
        logs.entries.map(({ message }) => message),
        ["baseline tables recognized", "schema drift detected", "schema drift resolved"]
      )
    })
  )

  it.live("runs on one replica at a time, without a wait in the database", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        const { drift, refreshAlone } = yield* migrationsWith()
        assert.isFalse(yield* whileLocked(takeComparisonLock, refreshAlone))
        assert.strictEqual(yield* drift, "unknown")
        assert.isTrue(yield* refreshAlone)
        assert.strictEqual(yield* drift, "none")
      })
    )
  )
})
