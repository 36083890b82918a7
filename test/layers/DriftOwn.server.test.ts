import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { inSnapshot } from "../../src/baseline/Snapshot.ts"
import { readSchema } from "../../src/layers/migrations/SchemaState.ts"
import { latestMigration, migrationsFolder } from "../support/OwnMigrations.ts"
import { freshDatabase, testClient } from "../support/TestDatabase.ts"
import { migrationsWith, onFreshDatabase, run } from "../support/TestMigrations.ts"

const own = migrationsWith({ folder: migrationsFolder, environment: "test" })

describe("drift in our own tables", () => {
  it.effect("is none after the migrations, detected after a change, and none after a rollback", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const { down, drift, lacking, newest, refresh, namesAbove, up } = yield* own
        yield* up
        assert.deepStrictEqual([yield* newest, yield* drift], [yield* latestMigration, "none"])
        const before = yield* refresh
        yield* run("ALTER TABLE tbg_api.posts DISABLE ROW LEVEL SECURITY")
        const { differences, fingerprint } = yield* refresh
        assert.strictEqual(yield* drift, "detected")
        assert.strictEqual(fingerprint, before.fingerprint)
        const { manual, own: ours, statements } = yield* lacking
        assert.deepStrictEqual([manual, statements, ours], [[], [], differences])
        yield* down(yield* namesAbove(1))
        assert.strictEqual(yield* drift, "none")
      })
    )
  )

  it.effect("is computed from the ledger and the tables at the same moment", () =>
    Effect.gen(function* () {
      const { url } = yield* freshDatabase
      const other = <A, E>(effect: Effect.Effect<A, E, SqlClient.SqlClient>) =>
        Effect.provide(effect, testClient(url), { local: true })
      yield* other(Effect.flatMap(migrationsWith({ environment: "test" }), ({ up }) => up).pipe(Effect.scoped))
      const record = "INSERT INTO tbg_api.migrations (migration_id, name) VALUES (2, 'create_teams_keys_posts')"
      const meanwhile = other(run(record))
      const look = Effect.andThen(Effect.andThen(run("SELECT 1 FROM pg_class"), meanwhile), readSchema)
      const found = yield* Effect.provide(inSnapshot(look), testClient(url))
      assert.deepStrictEqual([found.newest, found.differences], ["0001_baseline", []])
    })
  )
})
