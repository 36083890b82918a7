import { assert, describe, it } from "@effect/vitest"
import { Array, Effect, Result } from "effect"
import { decodeAddress } from "../../../../src/services/bitcoin/Address.ts"
import { isShare } from "../../../../src/services/mining/simulation/Event.ts"
import type { ShareEvent } from "../../../../src/services/mining/simulation/Event.ts"
import { makeFleet } from "../../../../src/services/mining/simulation/Fleet.ts"
import { makeSimulation } from "../../../../src/services/mining/simulation/Simulation.ts"

const start = 1_796_000_000_000_000
const second = 1_000_000
const hour = 3600 * second
const options = { seed: "7", miners: 30, network: "signet", start } as const

const hashesPerDifficulty = 2 ** 32

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, number) => total + number, 0)

/** Shares of six hours, after one in which the difficulties settle; generated once. */
const settledShares = Effect.runSync(
  Effect.cached(
    Effect.gen(function* () {
      const simulation = yield* makeSimulation({ ...options, hasPauses: false })
      simulation.eventsUntil(start + hour)
      const shares = simulation.eventsUntil(start + 7 * hour).filter(isShare)
      return { simulation, shares, byWorker: Map.groupBy(shares, ({ worker }) => worker) }
    })
  )
)

describe("Simulation", () => {
  it.effect("gives the same events for a seed, in order, for any choice of spans", () =>
    Effect.gen(function* () {
      const whole = (yield* makeSimulation(options)).eventsUntil(start + hour)
      const parts = yield* makeSimulation(options)
      const ends = Array.makeBy(3600, (index) => start + (index + 1) * second)
      assert.deepStrictEqual(
        ends.flatMap((end) => parts.eventsUntil(end)),
        whole
      )
      const times = whole.map(({ at }) => at)
      assert.deepStrictEqual(
        times,
        times.toSorted((one, other) => one - other)
      )
      const other = (yield* makeSimulation({ ...options, seed: "8" })).eventsUntil(start + hour)
      assert.notDeepEqual(other, whole)
    })
  )

  it.effect("assigns work that estimates the true hashrate of every worker without bias", () =>
    Effect.gen(function* () {
      const { byWorker, simulation } = yield* settledShares
      const scores = simulation.fleet.workers.map((worker) => {
        const difficulties = (byWorker.get(worker) ?? []).map(({ difficulty }) => difficulty)
        const truth = (simulation.hashrateOf(worker, start + hour, start + 7 * hour) / hashesPerDifficulty) * 6 * 3600
        return (sum(difficulties) - truth) / Math.sqrt(sum(difficulties.map((difficulty) => difficulty ** 2)))
      })
      const worst = Math.max(...scores.map(Math.abs))
      assert.isBelow(worst, 4.5)
      assert.isBelow(Math.abs(sum(scores)) / Math.sqrt(scores.length), 3)
    })
  )

  it.effect("adjusts the difficulty to 10 to 20 shares a minute of each worker", () =>
    Effect.gen(function* () {
      const { byWorker, simulation } = yield* settledShares
      const rates = simulation.fleet.workers.map((worker) => (byWorker.get(worker)?.length ?? 0) / 360)
      assert.deepStrictEqual(
        rates.filter((rate) => rate < 9 || rate > 21),
        []
      )
      const mean = sum(rates) / rates.length
      assert.approximately(mean, 15, 1.5)
      assert.isAbove(new Set(simulation.fleet.workers.map(({ hashrate }) => Math.floor(Math.log10(hashrate)))).size, 5)
    })
  )

  it.effect("reaches difficulties of which diff/sdiff is uniform, except right after a change", () =>
    Effect.gen(function* () {
      const { shares } = yield* settledShares
      const isMismatch = ({ difficulty, reached }: ShareEvent) => reached < difficulty
      const ratios = shares.filter((share) => !isMismatch(share)).map(({ difficulty, reached }) => difficulty / reached)
      const distances = ratios
        .toSorted((one, other) => one - other)
        .map((ratio, index) => Math.abs(ratio - (index + 0.5) / ratios.length))
      const limit = 1.95 / Math.sqrt(ratios.length)
      assert.deepStrictEqual(
        distances.filter((distance) => distance > limit),
        []
      )
      const fleet = yield* makeSimulation({ ...options, miners: 200 })
      const mismatches = fleet
        .eventsUntil(start + hour)
        .filter(isShare)
        .filter(isMismatch)
      assert.isAbove(mismatches.length, 0)
      assert.isBelow(mismatches.length, 400)
    })
  )

  it.effect("reports sessions, bests, blocks and the network in addition to shares", () =>
    Effect.gen(function* () {
      const simulation = yield* makeSimulation({ ...options, blockSeconds: 1800 })
      const events = simulation.eventsUntil(start + 12 * hour)
      const types = Object.groupBy(events, ({ type }) => type)
      const [found = assert.fail("no block")] = types.block_found ?? []
      const share = events.filter(isShare).find(({ at }) => at === found.at)
      assert.isAtLeast(share?.reached ?? 0, simulation.networkDifficulty)
      assert.isAbove(types.new_block_network?.length ?? 0, 50)
      assert.isAbove(types.miner_disconnected?.length ?? 0, 50)
      assert.isAbove(types.share_best_diff?.length ?? 0, simulation.fleet.workers.length)
      const worker = simulation.fleet.workers.find(
        (worker) => simulation.hashrateOf(worker, start, start + 12 * hour) < worker.hashrate * 0.99
      )
      assert.isDefined(worker)
    })
  )

  it.effect("uses addresses of the configured network that fit the collector's column", () =>
    Effect.gen(function* () {
      for (const network of ["mainnet", "testnet", "signet", "regtest"] as const) {
        const { addresses } = yield* makeFleet({ ...options, miners: 100, network })
        const bad = addresses.filter(
          (address) => address.length > 62 || Result.isFailure(decodeAddress(address, network))
        )
        assert.deepStrictEqual(bad, [])
        assert.strictEqual(new Set(addresses).size, 100)
      }
    })
  )
})
