import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted, Schema } from "effect"
import { TestClock } from "effect/testing"
import { makeDemoMiners } from "../../../src/cli/demo/DemoMiners.ts"
import { AppConfig } from "../../../src/layers/AppConfig.ts"
import { MiningStreams } from "../../../src/services/mining/MiningSource.ts"
import { miningDatabase } from "../../support/mining/MiningDatabase.ts"
import { testClient } from "../../support/TestDatabase.ts"
import { run } from "../../support/TestMigrations.ts"

const streams = ["mining:new_block_network", "mining:miner_connected", "mining:share_submitted"]

const counts = run(`
  SELECT count(*)::int AS shares, count(DISTINCT btc_address)::int AS miners,
    bool_and(time BETWEEN '2026-12-01 00:00Z' AND '2026-12-02 00:00Z') AS is_past FROM shares`)

const decodeCounts = Schema.decodeUnknownEffect(
  Schema.Tuple([Schema.Struct({ shares: Schema.Int, miners: Schema.Int, is_past: Schema.Boolean })])
)

const lengths = Effect.gen(function* () {
  const { read } = yield* MiningStreams
  const states = yield* read(streams, new Map(), 10_000)
  return states.map(({ entries }) => entries.length)
})

const services = (variables: Record<string, string>) =>
  Layer.merge(MiningStreams.layer, AppConfig.layerFrom({ TBG_BITCOIN_NETWORK: "signet", ...variables }))

describe("demo miners", () => {
  it.effect("have a day of history before the projection starts, and mine afterwards", () =>
    Effect.gen(function* () {
      const { url } = yield* miningDatabase
      yield* TestClock.setTime(1_796_169_600_000)
      const mine = Effect.gen(function* () {
        const { prepare, run } = yield* makeDemoMiners
        yield* prepare
        const [{ shares: inserted, ...rest }] = yield* Effect.flatMap(counts, decodeCounts)
        assert.deepStrictEqual(rest, { miners: 12, is_past: true })
        assert.approximately(inserted, 21_600, 4000)
        yield* Effect.forkChild(run)
        yield* TestClock.adjust("100 millis")
        const [network = 0, connected = 0, shares = 0] = yield* lengths
        assert.approximately(network, 144, 40)
        assert.isAbove(connected, 12)
        assert.isBelow(shares, 5)
        // Each turn inserts rows into a real database, and only then sleeps on the clock of the test.
        const later = Effect.andThen(TestClock.adjust("30 seconds"), TestClock.withLive(Effect.sleep("20 millis")))
        yield* Effect.repeat(Effect.andThen(later, lengths), { until: ([, , mined = 0]) => mined > 90 })
      })
      yield* mine.pipe(Effect.provide(services({})), Effect.provide(testClient(url)))
    })
  )

  it.effect("are not simulated on real stores, or beside the shares of others", () =>
    Effect.gen(function* () {
      const { url } = yield* miningDatabase
      const prepared = Effect.flatMap(makeDemoMiners, ({ prepare }) => Effect.andThen(prepare, counts))
      const real = [{ TBG_DATABASE_URL: Redacted.value(url) }, { TBG_MINING_REDIS_URL: "redis://127.0.0.1:1" }]
      for (const variables of real) {
        const [found] = yield* prepared.pipe(Effect.provide(services(variables)), Effect.provide(testClient(url)))
        assert.propertyVal(found, "shares", 0)
      }
      const insert = "INSERT INTO shares (time, btc_address, difficulty, share_diff) VALUES (now(), 'tb1qreal', 1, 2)"
      yield* Effect.provide(run(insert), testClient(url))
      const [found] = yield* prepared.pipe(Effect.provide(services({})), Effect.provide(testClient(url)))
      assert.propertyVal(found, "shares", 1)
    })
  )
})
