import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient, SqlError } from "effect/sql"
import { MiningStatus } from "../../../src/services/mining/MiningStatus.ts"
import { memoryMining } from "../../support/mining/MemoryMining.ts"
import { miningRoutes } from "../../support/mining/MiningRoutes.ts"
import { jsonOf, testRoutes } from "../../support/TestRoutes.ts"

/** State of the projection, and its status; times are relative to the database's clock. */
const rows = [
  ["expires_at = now() - interval '31 seconds'", "off", null],
  ["expires_at = now() + interval '4 seconds', polled_at = now(), last_event_at = now()", "ok", 0],
  [
    "expires_at = now() + interval '4 seconds', polled_at = now(), last_event_at = now() - interval '1 hour'",
    "idle",
    0
  ],
  [
    `expires_at = now() + interval '4 seconds', polled_at = now() - interval '31 seconds', last_event_at = now(),
      pending_since = now() - interval '40 seconds', progressed_at = now() - interval '31 seconds'`,
    "stale",
    40_000
  ]
] as const

describe("GET /health/mining", () => {
  it.effect("is 200 with the state of the projection and its counters", () =>
    Effect.gen(function* () {
      const { client, get } = yield* miningRoutes()
      const run = (statement: string) =>
        Effect.provide(
          Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(statement)),
          client
        )
      yield* run(`INSERT INTO tbg_api.mining_counters VALUES ('duplicates', '', 3), ('quarantined', 'bad_name', 2),
        ('quarantined', 'in_future', 5), ('refills', 'trimmed', 1)`)
      for (const [state, status, lag] of rows) {
        yield* run(`UPDATE tbg_api.mining_state SET ${state}`)
        const response = yield* get("/health/mining")
        assert.strictEqual(response.status, 200)
        const { lag_ms, last_event_at, ...rest } = Object(yield* jsonOf(response))
        assert.deepStrictEqual(rest, { status, leader: true, duplicates: 3, quarantined: 7, refills: 1 })
        assert.strictEqual(lag_ms === null ? null : Math.floor(lag_ms / 10_000) * 10_000, lag)
        assert.strictEqual(last_event_at === null, status === "off")
      }
    })
  )

  it.effect("is 200 and stale, with unknown counters, while the database does not respond", () =>
    Effect.gen(function* () {
      const failed = Effect.fail(
        new SqlError.SqlError({
          reason: new SqlError.ConnectionError({ cause: new Error("gone"), operation: "query" })
        })
      )
      const down = Layer.succeed(MiningStatus, { position: failed, current: failed })
      const ask = yield* testRoutes({ mining: Layer.merge(memoryMining, down) })
      const response = yield* ask("/health/mining")
      assert.strictEqual(response.status, 200)
      assert.deepStrictEqual(yield* jsonOf(response), {
        status: "stale",
        leader: false,
        lag_ms: null,
        last_event_at: null,
        duplicates: null,
        quarantined: null,
        refills: null
      })
      assert.strictEqual((yield* ask("/api/v1/pool")).status, 503)
    })
  )
})
