import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { Started } from "../src/App.ts"
import { AppConfig } from "../src/layers/AppConfig.ts"
import { Database } from "../src/layers/Database.ts"
import { Migrations } from "../src/layers/Migrations.ts"
import { ranNothing } from "../src/layers/migrations/Run.ts"
import { capturedLogs } from "./support/CapturedLogs.ts"
import { databaseOf } from "./support/DatabaseOwner.ts"
import type { Owner } from "./support/DatabaseOwner.ts"
import { teamStepsUp } from "./support/MigratedServices.ts"
import { testClient } from "./support/TestDatabase.ts"

const broken = "Postgres does not keep teams apart, only the queries do: tbg doctor says how to mend it"

/** What a start warns of, on a migrated database of such an owner after `change`. */
const warnings = Effect.fnUntraced(function* (owner: Owner, change: string = "SELECT 1") {
  const logs = yield* capturedLogs
  const client = testClient(yield* databaseOf(owner))
  yield* Effect.provide(teamStepsUp, client)
  yield* Effect.provide(
    Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(change)),
    client
  )
  const started = Started.pipe(
    Layer.provide([Database.layerTest(), Layer.mock(Migrations, { up: Effect.succeed(ranNothing) }), client]),
    Layer.provide(AppConfig.layerFrom({ TBG_ENVIRONMENT: "test", TBG_DRIFT_INTERVAL_SECONDS: "0" }))
  )
  yield* Effect.scoped(Effect.provide(Layer.build(started), logs.layer))
  return logs.warnings()
})

describe("the wall at start", () => {
  it.effect.each(["superuser", "creator", "plain"] as const)("stands in the tables of a %s", (owner) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* warnings(owner), [])
    })
  )

  it.effect.each([
    ["superuser", "CREATE OR REPLACE FUNCTION tbg_api_enter(team uuid) RETURNS void LANGUAGE sql AS 'SELECT'"],
    ["creator", "ALTER TABLE posts NO FORCE ROW LEVEL SECURITY"],
    ["superuser", "ALTER TABLE idempotency_keys DISABLE ROW LEVEL SECURITY"]
  ] as const)("is warned about where it does not stand: %s, %s", ([owner, change]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* warnings(owner, change), [broken])
    })
  )
})
