import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { SqlClient } from "effect/sql"
import { PrometheusMetrics } from "effect/observability"
import { MiningStatus } from "../../../src/services/mining/MiningStatus.ts"
import { observeProjection } from "../../../src/services/mining/ProjectionMetrics.ts"
import { freshRegistry } from "../../support/MetricRegistry.ts"
import { entryOf, second, shareEntry } from "../../support/mining/Entries.ts"
import { miningServices } from "../../support/mining/MiningServices.ts"
import { applyAll, clear } from "../../support/mining/MiningTables.ts"

const services = MiningStatus.layer(Effect.succeed(true)).pipe(Layer.provideMerge(miningServices))

layer(services)("observeProjection", (it) => {
  it.effect("exports counters with their labels, the leader, lag, open gaps and batches", () =>
    Effect.gen(function* () {
      yield* clear
      const sql = yield* SqlClient.SqlClient
      yield* sql`INSERT INTO tbg_api.mining_gaps (reason, from_at, to_at, next_at, created_at)
        VALUES ('trimmed', now(), now(), now(), now())`
      const forged = entryOf("share_submitted", 0, { user: "x", worker: "y" })
      yield* applyAll([[shareEntry({ at: 0 }), shareEntry({ at: second }), forged]])
      yield* observeProjection
      const text = yield* TestClock.withLive(
        Effect.repeat(Effect.delay(PrometheusMetrics.format(), "20 millis"), {
          until: (exposition) => exposition.includes("tbg_mining_open_gaps 1")
        })
      )
      for (const line of [
        'tbg_mining_events_total{type="share_submitted"} 3',
        'tbg_mining_quarantined_total{reason="misattributed"} 1',
        "tbg_mining_duplicates_total 1",
        "tbg_mining_leader 1",
        "tbg_mining_led 1",
        "tbg_mining_batch_entries_count 1",
        "tbg_mining_batch_duration_seconds_count 1"
      ]) {
        assert.include(text.split("\n"), line)
      }
      assert.match(text, /^tbg_mining_lag_seconds [0-9]/m)
    }).pipe(freshRegistry)
  )
})
