import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { Startup } from "../src/App.ts"
import { AppConfig } from "../src/layers/AppConfig.ts"
import { Migrations } from "../src/layers/Migrations.ts"
import { ranNothing } from "../src/layers/migrations/Run.ts"
import { capturedLogs } from "./support/CapturedLogs.ts"
import { validSecret } from "./support/ConfigFrom.ts"
import { databaseOf } from "./support/DatabaseOwner.ts"
import type { Owner } from "./support/DatabaseOwner.ts"
import { secretsOf, teamMigrationsUp } from "./support/MigratedServices.ts"
import { testClient } from "./support/TestDatabase.ts"
import { mockDatabase } from "./support/MockLayers.ts"

const broken = "row-level security is not enforced for this role; run `tbg doctor`"
const forced =
  "role tbg_api_team cannot be assumed; row-level security is forced on the owner of the tables; run `tbg doctor`"

/** Startup warnings on a migrated database of this owner after `change`. */
const warnings = Effect.fnUntraced(function* (owner: Owner, change: string = "SELECT 1") {
  const logs = yield* capturedLogs
  const client = testClient(yield* databaseOf(owner))
  yield* Effect.provide(teamMigrationsUp, client)
  yield* Effect.provide(
    Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(change)),
    client
  )
  const started = Startup.pipe(
    Layer.provide([
      mockDatabase(),
      Layer.mock(Migrations, { up: Effect.succeed(ranNothing) }),
      client,
      secretsOf(validSecret)
    ]),
    Layer.provide(AppConfig.layerFrom({ TBG_ENVIRONMENT: "test", TBG_DRIFT_INTERVAL_SECONDS: "0" }))
  )
  yield* Effect.scoped(Effect.provide(Layer.build(started), logs.layer))
  return logs.warnings()
})

describe("startup", () => {
  it.effect.each([
    ["superuser", []],
    ["creator", []],
    ["plain", [forced]]
  ] as const)("reports how tenants are isolated in the tables of a %s", ([owner, expected]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* warnings(owner), [...expected])
    })
  )

  it.effect.each([
    ["superuser", "CREATE OR REPLACE FUNCTION tbg_api.tbg_api_enter(team uuid) RETURNS void LANGUAGE sql AS 'SELECT'"],
    ["plain", "ALTER TABLE tbg_api.posts NO FORCE ROW LEVEL SECURITY"],
    ["superuser", "ALTER TABLE tbg_api.idempotency_keys DISABLE ROW LEVEL SECURITY"]
  ] as const)("warns a %s that tenants are not isolated after %s", ([owner, change]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* warnings(owner, change), [broken])
    })
  )

  it.effect("warns a role that lacks rights on a table", () =>
    Effect.gen(function* () {
      const [warning, ...others] = yield* warnings("creator", "REVOKE SELECT ON tbg_api.teams FROM CURRENT_USER")
      assert.match(warning ?? "", /^role owner_\w+ lacks rights on schema tbg_api; run `tbg doctor`$/)
      assert.deepStrictEqual(others, [])
    })
  )
})
