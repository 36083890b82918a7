import { WeekChanges } from "../../../../src/services/weeks/WeekChanges.ts"
import { assert, describe, it } from "@effect/vitest"
import { Array, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { Leadership } from "../../../../src/services/mining/Leadership.ts"
import { Projection } from "../../../../src/services/mining/Projection.ts"
import { entryOf, isShare } from "../../../../src/services/mining/simulation/Event.ts"
import type { ShareEvent, SimulatedEvent } from "../../../../src/services/mining/simulation/Event.ts"
import { historyState, makeHistory } from "../../../../src/services/mining/simulation/History.ts"
import { makeSimulation } from "../../../../src/services/mining/simulation/Simulation.ts"
import { openClient } from "../../../support/EmbeddedFolder.ts"
import { createMiningTables } from "../../../support/mining/MiningDatabase.ts"
import { takeLease } from "../../../support/mining/MiningServices.ts"
import { projectedTables } from "../../../support/mining/ProjectedTables.ts"
import { countedShares, differences, expectedTables } from "../../../support/mining/Reference.ts"
import type { ReferenceShare } from "../../../support/mining/Reference.ts"

const second = 1_000_000
const hour = 3600 * second
/** 22:30 UTC, so that a day begins within the history. */
const start = 1_796_077_800_000_000
const now = start + 3 * hour
const partSpan = 1800 * second

const services = Projection.layer({ network: "signet" }).pipe(
  Layer.provideMerge(Layer.merge(Leadership.layer, WeekChanges.layer)),
  Layer.provideMerge(Layer.effect(SqlClient.SqlClient, openClient(undefined))),
  Layer.provideMerge(Layer.effectDiscard(TestClock.setTime(now / 1000)))
)

const arrivalOf = ({ at }: SimulatedEvent): number => Math.ceil(at / 1000) * 1000

const referenceOf = (event: ShareEvent): ReferenceShare => {
  const { at, difficulty, reached, worker } = event
  const { address, name } = worker
  return { address, worker: name || "default", at, arrival: arrivalOf(event), difficulty, reached }
}

const hasCoarseStep = ({ key }: { readonly key: unknown }): boolean => !JSON.stringify(key).startsWith("[1,")

/** Events of the parts, with a share around each border that is a copy of one in the part before. */
const partsOf = Effect.gen(function* () {
  const simulation = yield* makeSimulation({
    seed: "7",
    miners: 5,
    network: "signet",
    start,
    rate: 0.5,
    blockSeconds: 3600
  })
  const ends = Array.makeBy(6, (index) => start + (index + 1) * partSpan)
  const parts = ends.map((until) => ({ until, events: simulation.eventsUntil(until) }))
  return parts.map(({ events, until }, index) => {
    const last = parts[index - 1]?.events.findLast(isShare)
    const copies = last === undefined ? [] : [{ ...last, at: last.at + 1_900_000 }]
    const inside = copies.filter(({ at }) => at >= until - partSpan)
    return { until, copies: inside.length, events: [...inside, ...events].toSorted((one, other) => one.at - other.at) }
  })
})

describe("History", () => {
  it.effect("writes the same rows as the projection, except for expired seconds", () =>
    Effect.gen(function* () {
      yield* createMiningTables
      const sql = yield* SqlClient.SqlClient
      assert.deepStrictEqual(yield* historyState, { isEmpty: true, tip: undefined })
      const lease = yield* takeLease
      const { add, begin } = yield* makeHistory("signet", now)
      const parts = yield* partsOf
      yield* begin(lease)
      for (const { events, until } of parts) yield* add(lease, { events, until, isDetailed: until > now - hour })

      const events = parts.flatMap((part) => part.events)
      const shares = events.filter(isShare)
      assert.isAbove(
        parts.reduce((sum, { copies }) => sum + copies, 0),
        0
      )
      const counted = countedShares(shares.map(referenceOf))
      const expected = expectedTables(counted)
      const kept = expectedTables(counted.filter(({ at }) => at >= now - 2 * hour))
      const pool = [...expected.pool.filter(hasCoarseStep), ...kept.pool.filter((row) => !hasCoarseStep(row))]
      assert.isBelow(pool.length, expected.pool.length)
      assert.deepStrictEqual(differences(yield* projectedTables, { ...expected, pool }), [])

      const countOf = (type: SimulatedEvent["type"]) => events.filter((event) => event.type === type).length
      const recent = shares.filter(({ at }) => at >= now - hour)
      const [counts] = yield* sql`
        SELECT (SELECT count(*)::int FROM tbg_api.mining_blocks) AS blocks,
          (SELECT count(*)::int FROM tbg_api.mining_facts WHERE kind = 'block') AS facts,
          (SELECT count(*)::int FROM tbg_api.mining_network) AS network,
          (SELECT count(*)::int FROM public.shares) AS archived,
          (SELECT count(*)::int FROM tbg_api.mining_outbox) AS outbox`
      assert.deepStrictEqual(counts, {
        blocks: countOf("block_found"),
        facts: countOf("block_found"),
        network: countOf("new_block_network"),
        archived: recent.length,
        outbox: 0
      })
      const { isEmpty, tip } = yield* historyState
      assert.deepStrictEqual([isEmpty, tip?.height], [false, 250_000 + countOf("new_block_network")])

      // A late copy of a kept share, and a share that is new.
      const last = shares.at(-1)
      assert(last !== undefined)
      const { apply } = yield* Projection
      const entries = [last, { ...last, at: last.at + 2 * second, reached: last.reached + 1 }].map((event, index) => {
        const { fields, stream } = entryOf(event)
        return { stream, id: `${now / 1000}-${index}`, fields: Object.entries(fields) }
      })
      const applied = yield* apply(lease, entries, true)
      assert.deepStrictEqual(applied, { counted: 1, copies: 1, quarantined: 0 })
    }).pipe(Effect.provide(services))
  )
})
