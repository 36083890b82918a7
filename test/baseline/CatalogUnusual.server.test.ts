import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { liveCatalog } from "../../src/baseline/Catalog.ts"
import { differencesOf } from "../../src/baseline/Expectations.ts"
import { inSnapshot } from "../../src/baseline/Snapshot.ts"
import { runAll } from "../support/Catalog.ts"
import { readDifferences, plainSchema } from "../support/Mutation.ts"
import { freshDatabase, testClient } from "../support/TestDatabase.ts"
import { onFreshDatabase, run } from "../support/TestMigrations.ts"

const objects = Effect.map(liveCatalog, (catalog) => differencesOf(catalog).map(({ object }) => object))

describe("the live catalog", () => {
  it.effect.each([
    ["DROP INDEX IF EXISTS idx_shares_valid", "index idx_shares_valid on shares"],
    ["ALTER TABLE users DROP CONSTRAINT IF EXISTS users_btc_address_key", "constraint users_btc_address_key on users"],
    ["DROP TABLE IF EXISTS rate_limit_events", "table rate_limit_events"]
  ] as const)("can be read while other sessions %s", ([statement, object]) =>
    Effect.gen(function* () {
      const { url } = yield* freshDatabase
      const other = <A, E>(effect: Effect.Effect<A, E, SqlClient.SqlClient>) =>
        Effect.provide(effect, testClient(url), { local: true })
      yield* other(plainSchema)
      const first = run("SELECT 1 FROM pg_class")
      const look = Effect.andThen(Effect.andThen(first, other(run(statement))), objects)
      assert.deepStrictEqual(yield* Effect.provide(inSnapshot(look), testClient(url)), [object])
    })
  )

  it.effect("includes the indexes of a partitioned table", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* plainSchema
        yield* runAll([
          "ALTER TABLE shares RENAME TO old_shares",
          "ALTER INDEX idx_shares_address RENAME TO old_address",
          "ALTER INDEX idx_shares_valid RENAME TO old_valid",
          'CREATE TABLE shares (LIKE old_shares INCLUDING DEFAULTS) PARTITION BY RANGE ("time")',
          "CREATE TABLE shares_all PARTITION OF shares DEFAULT",
          'CREATE INDEX idx_shares_address ON shares (btc_address, "time" DESC)',
          'CREATE INDEX idx_shares_valid ON shares (is_valid, "time" DESC)'
        ])
        assert.deepStrictEqual((yield* inSnapshot(readDifferences)).named, [])
      })
    )
  )

  it.effect("names the sequence of a default, even in another schema", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* plainSchema
        yield* runAll(["CREATE SEQUENCE theirs", "ALTER TABLE users ALTER id SET DEFAULT nextval('theirs')"])
        assert.deepStrictEqual((yield* inSnapshot(readDifferences)).named, [
          ["warning", "different", "default of users.id"]
        ])
      })
    )
  )

  it.effect("can be read if other objects have names with special characters", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* plainSchema
        yield* runAll([
          `ALTER TABLE users ADD "__proto__" text, ADD "constructor" text, ADD "a""b\\c'd" text`,
          `CREATE INDEX "__proto__" ON users (country_code)`,
          `ALTER TABLE users ADD CONSTRAINT "toString" CHECK (true)`
        ])
        assert.deepStrictEqual((yield* inSnapshot(readDifferences)).named, [])
      })
    )
  )
})
