import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { inTeam } from "../../src/services/InTeam.ts"
import { capturedLogs } from "../support/CapturedLogs.ts"
import { openClient } from "../support/EmbeddedFolder.ts"
import { newTeam, sqlServices, teamMigrationsUp } from "../support/MigratedServices.ts"
import { migratesUpAndDown } from "../support/TeamMigrationsSuite.ts"

const embedded = Layer.effect(SqlClient.SqlClient, openClient(undefined))

describe("the migrations of teams and posts on the embedded database", () => {
  it.live("migrate up, down without a trace, and up again", () => Effect.provide(migratesUpAndDown, embedded))

  it.live("grant tbg_api_team to their owner on a Postgres that does not do so by itself", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const logs = yield* capturedLogs
      yield* sql`CREATE ROLE creator LOGIN CREATEROLE`
      yield* sql`GRANT CREATE ON DATABASE postgres TO creator`
      yield* sql`SET SESSION AUTHORIZATION creator`
      yield* Effect.provide(teamMigrationsUp, logs.layer)
      assert.deepStrictEqual(logs.warnings(), [])
      const { id } = yield* Effect.provide(newTeam, sqlServices)
      const within = yield* inTeam(id)(sql`SELECT current_user::text AS role`)
      assert.deepStrictEqual(within, [{ role: "tbg_api_team" }])
    }).pipe(Effect.provide(embedded))
  )
})
