import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existingDatabase } from "../support/Catalog.ts"
import { plainCatalog } from "../support/CatalogFixture.ts"
import { fingerprint, tableNames } from "../support/Fingerprint.ts"
import { programOnDatabase } from "../support/ProgramOnDatabase.ts"
import { records, run } from "../support/TestMigrations.ts"

/** Schema after a loader stopped at the init script's error (contract section 7). */
const halfLoaded = Effect.gen(function* () {
  yield* existingDatabase(plainCatalog)
  yield* run("DROP TABLE rate_limit_events, schema_migrations")
})

describe("tbg migrate repair", () => {
  it.live("completes a half-loaded database, which check reports and up records with a warning", () =>
    Effect.gen(function* () {
      const { client, migrate } = yield* programOnDatabase
      yield* Effect.provide(halfLoaded, client)
      const found = yield* migrate("check")
      assert.strictEqual(found.code, 3)
      assert.match(found.stdout, /\nwarning +table schema_migrations +missing /)
      assert.match(found.stdout, /\nwarning +table rate_limit_events +missing /)
      const up = yield* migrate("up")
      assert.strictEqual(up.code, 0)
      assert.match(
        up.stderr,
        /^warning: the schema differs from the recorded baseline.*\n(?:.*\n)*warning +table rate_limit_events/
      )

      const unasked = yield* migrate("repair")
      assert.deepStrictEqual(
        [unasked.code, unasked.stderr],
        [64, "aborted; no changes made; without a terminal, add --yes\n"]
      )
      assert.match(unasked.stdout, /^-- table schema_migrations\nCREATE TABLE schema_migrations /m)
      assert.notInclude(yield* Effect.provide(tableNames, client), "schema_migrations")

      const before = yield* Effect.provide(fingerprint, client)
      const repaired = yield* migrate("repair", "--yes")
      assert.deepStrictEqual([repaired.code, repaired.stderr], [0, ""])
      assert.match(repaired.stdout, /\nno drift\n$/)
      const after = yield* Effect.provide(fingerprint, client)
      for (const table of before.rows) assert.deepInclude(after.rows, table)
      assert.strictEqual((yield* migrate("check")).code, 0)
      assert.strictEqual((yield* migrate("repair")).stdout, "no drift\n")
    })
  )

  it.live("lists what needs manual work, with exit code 3, as one JSON document", () =>
    Effect.gen(function* () {
      const { client, migrate } = yield* programOnDatabase
      yield* Effect.provide(existingDatabase(plainCatalog), client)
      yield* Effect.provide(run("DROP INDEX idx_shares_valid"), client)
      yield* Effect.provide(run("ALTER TABLE workers ALTER COLUMN source SET DEFAULT 'other'"), client)
      const { code, stderr, stdout } = yield* migrate("repair", "--yes", "--json")
      assert.strictEqual(code, 3)
      assert.include(stderr, "CREATE INDEX idx_shares_valid")
      const report = JSON.parse(stdout)
      assert.deepStrictEqual(Object.keys(report), ["ran", "proof", "differences", "fingerprint"])
      assert.strictEqual(report.differences.length, 1)
      assert.include(report.differences[0].object, "workers.source")
    })
  )
})

describe("tbg migrate down", () => {
  it.live("requires --yes without a terminal, rolls back what was asked for, and keeps the baseline", () =>
    Effect.gen(function* () {
      const { client, migrate } = yield* programOnDatabase
      yield* Effect.provide(existingDatabase(plainCatalog), client)
      const before = yield* Effect.provide(fingerprint, client)
      yield* migrate("up")
      const unasked = yield* migrate("down", "--to", "base")
      assert.deepStrictEqual(
        [unasked.code, unasked.stdout, unasked.stderr],
        [64, "", "aborted; no changes made; without a terminal, add --yes\n"]
      )
      const down = yield* migrate("down", "--to", "base", "--yes")
      assert.deepStrictEqual([down.code, down.stderr], [0, ""])
      assert.match(down.stdout, /0001_baseline: rolled back\nbaseline: fingerprint [0-9a-f]{64}, before and after\n/)
      assert.deepStrictEqual(yield* Effect.provide(fingerprint, client), before)
      assert.deepStrictEqual(yield* Effect.provide(records, client), [])
      assert.strictEqual((yield* migrate("down", "--yes")).stdout, "nothing to do; no migration to roll back\n")
    })
  )

  it.live("refuses a target that is not a migration", () =>
    Effect.gen(function* () {
      const { migrate } = yield* programOnDatabase
      const misspelt = yield* migrate("down", "--to", "bottom", "--yes")
      assert.deepStrictEqual(
        [misspelt.code, misspelt.stderr],
        [64, '--to "bottom": expected the number of a migration, or base\nsee tbg migrate down --help\n']
      )
      const absent = yield* migrate("down", "--to", "7", "--yes")
      assert.strictEqual(absent.code, 1)
      assert.include(absent.stderr, "0007 is not applied")
    })
  )
})

describe("tbg migrate plan", () => {
  it.live("prints the SQL without applying it", () =>
    Effect.gen(function* () {
      const { client, migrate } = yield* programOnDatabase
      const created = yield* migrate("plan")
      assert.strictEqual(created.code, 0)
      assert.match(created.stdout, /^-- 0001_baseline\nCREATE TABLE users /)
      assert.deepStrictEqual(yield* Effect.provide(tableNames, client), [])
      yield* Effect.provide(existingDatabase(plainCatalog), client)
      const recorded = yield* migrate("plan")
      assert.match(recorded.stdout, /^-- 0001_baseline: only recorded in the ledger\n/)
      const { steps } = JSON.parse((yield* migrate("plan", "--json")).stdout)
      assert.deepInclude(steps[0], { name: "0001_baseline", mode: "recognised", statements: [] })
      yield* migrate("up")
      assert.strictEqual((yield* migrate("plan")).stdout, "-- nothing to do\n")
    })
  )
})
