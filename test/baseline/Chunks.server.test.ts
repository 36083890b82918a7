import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { catalogSnapshot } from "../../src/baseline/Catalog.ts"
import { differencesOf } from "../../src/baseline/Expectations.ts"
import { plainSchema } from "../support/Mutation.ts"
import { onFreshDatabase, run } from "../support/TestMigrations.ts"

describe("the catalog of a database with chunks", () => {
  it.live("leaves the chunks out", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* plainSchema
        yield* run("CREATE SCHEMA _timescaledb_internal")
        yield* run(`DO $$ BEGIN
          FOR i IN 1..100 LOOP
            EXECUTE 'CREATE TABLE _timescaledb_internal._hyper_1_' || i || '_chunk () INHERITS (public.shares)';
          END LOOP;
        END $$`)
        assert.deepStrictEqual(yield* run("SELECT count(*)::int AS count FROM pg_inherits"), [{ count: 100 }])

        assert.deepStrictEqual(differencesOf(yield* catalogSnapshot), [])
      })
    )
  )
})
