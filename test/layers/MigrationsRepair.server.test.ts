import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existingDatabase } from "../support/Catalog.ts"
import { plainCatalog } from "../support/CatalogFixture.ts"
import { fingerprint } from "../support/Fingerprint.ts"
import { migrationsWith, onFreshDatabase, run } from "../support/TestMigrations.ts"

describe("a repair", () => {
  it.effect("creates what is missing, changes no row, and resolves the drift", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        yield* run("DROP TABLE rate_limit_events, schema_migrations")
        yield* run("DROP INDEX idx_shares_valid")
        const { drift, lacking, repair, up } = yield* migrationsWith()
        yield* up
        assert.strictEqual(yield* drift, "detected")
        const before = yield* fingerprint
        const { manual, statements } = yield* lacking
        assert.deepStrictEqual(manual, [])
        const proof = yield* repair(statements)
        assert.notStrictEqual(proof.before, proof.after)
        assert.strictEqual(yield* drift, "none")
        const { rows } = yield* fingerprint
        for (const table of before.rows) assert.deepInclude(rows, table)
      })
    )
  )

  it.effect("does nothing if the differences have changed since the confirmation", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        yield* run("DROP INDEX idx_shares_valid")
        const { lacking, repair } = yield* migrationsWith()
        const { statements } = yield* lacking
        yield* run("DROP INDEX idx_workers_online")
        const before = yield* fingerprint
        assert.match((yield* Effect.flip(repair(statements))).message, /the schema has changed meanwhile/)
        assert.deepStrictEqual(yield* fingerprint, before)
      })
    )
  )
})
