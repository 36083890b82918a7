import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { down } from "../../migrations/0009_create_mining_projection.ts"
import { down as dropRebuilds } from "../../migrations/0011_create_mining_rebuilds.ts"
import { down as dropBoards } from "../../migrations/0013_create_weekly_boards.ts"
import { miningDatabase } from "../support/mining/MiningDatabase.ts"
import { testClient } from "../support/TestDatabase.ts"

const tables = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) =>
    sql`SELECT relname FROM pg_class WHERE relnamespace = 'tbg_api'::regnamespace AND relkind IN ('r', 'p') AND relname LIKE 'mining%'`
)

it.effect("the migrations of the mining projection create its tables, and rolling them back drops all of them", () =>
  Effect.gen(function* () {
    const { url } = yield* miningDatabase
    yield* Effect.gen(function* () {
      assert.strictEqual((yield* tables).length, 31)
      yield* dropBoards
      yield* dropRebuilds
      yield* down
      assert.deepStrictEqual(yield* tables, [])
    }).pipe(Effect.provide(testClient(url)))
  })
)
