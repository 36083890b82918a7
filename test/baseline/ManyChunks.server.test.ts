import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect } from "effect"
import { catalogSnapshot } from "../../src/baseline/Catalog.ts"
import { differencesOf } from "../../src/baseline/Difference.ts"
import { plainSchema } from "../support/Mutation.ts"
import { onFreshDatabase, run } from "../support/TestMigrations.ts"

/** Few enough a transaction for the locks that a server has. */
const chunks = (from: number, to: number) =>
  run(`DO $$ BEGIN
    FOR i IN ${from}..${to} LOOP
      EXECUTE 'CREATE TABLE _timescaledb_internal._hyper_1_' || i || '_chunk () INHERITS (public.shares)';
    END LOOP;
  END $$`)

describe("the catalog of a database with 10,000 chunks", () => {
  it.live("is read completely, and only the core tables remain", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* plainSchema
        yield* run("CREATE SCHEMA _timescaledb_internal")
        const batches = Array.from({ length: 20 }, (_, batch) => chunks(batch * 500 + 1, batch * 500 + 500))
        yield* Effect.all(batches, { discard: true })
        assert.deepStrictEqual(yield* run("SELECT count(*)::int AS count FROM pg_inherits"), [{ count: 10_000 }])

        const started = yield* Clock.currentTimeMillis
        const catalog = yield* catalogSnapshot
        const took = (yield* Clock.currentTimeMillis) - started
        assert.deepStrictEqual(differencesOf(catalog), [])
        assert.isBelow(took, Duration.toMillis("2 seconds"))
      })
    )
  )
})
