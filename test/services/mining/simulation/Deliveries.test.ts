import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeDeliveries } from "../../../../src/services/mining/simulation/Deliveries.ts"
import type { Fault } from "../../../../src/services/mining/simulation/Deliveries.ts"
import { draws } from "../../../../src/services/mining/simulation/Draws.ts"
import { entryOf, isShare, rowOf } from "../../../../src/services/mining/simulation/Event.ts"
import { makeSimulation } from "../../../../src/services/mining/simulation/Simulation.ts"

const start = 1_796_000_000_000_000
const minute = 60_000_000
const options = { seed: "3", miners: 20, network: "signet", start } as const

/** Ten minutes of a fleet under faults, delivered second by second until the last late event has arrived. */
const delivered = Effect.fnUntraced(function* (...faults: ReadonlyArray<Fault>) {
  const simulation = yield* makeSimulation({
    ...options,
    hasBothProducers: faults.includes("both-shapes"),
    hasOddNames: faults.includes("odd-names")
  })
  const events = simulation.eventsUntil(start + 10 * minute)
  const deliver = makeDeliveries(yield* draws("faults"), new Set(faults), simulation.fleet.addresses)
  const parts = [deliver(events, start + 10 * minute), deliver([], start + 40 * minute)]
  const entries = parts.flatMap(({ entries }) => entries)
  return { events, shares: events.filter(isShare), entries, rows: parts.flatMap(({ rows }) => rows) }
})

const worker = {
  address: "tb1qminer",
  name: "rig",
  fullName: "tb1qminer.rig",
  hashrate: 1,
  producer: "collector"
} as const
const share = { type: "share_submitted", at: 1_796_000_000_000_042, worker, difficulty: 1024, reached: 2048.5 } as const

describe("entryOf", () => {
  it("writes a JSON field as the collector does", () => {
    assert.deepStrictEqual(entryOf(share), {
      stream: "mining:share_submitted",
      fields: {
        event: "share_submitted",
        ts: "1796000000.000042",
        source: "hosted",
        data: '{"user":"tb1qminer","worker":"tb1qminer.rig","client_id":"","diff":1024,"sdiff":2048.50000000,"accepted":true,"reject_reason":"","ip":""}'
      }
    })
  })

  it("writes flat fields as the bridge does", () => {
    assert.deepStrictEqual(entryOf({ ...share, worker: { ...worker, producer: "bridge" } }).fields, {
      event: "share_submitted",
      ts: "1796000000.000042",
      user: "tb1qminer",
      worker: "tb1qminer.rig",
      client_id: "",
      diff: "1024",
      sdiff: "2048.50000000",
      accepted: "true",
      reject_reason: "",
      ip: ""
    })
  })

  it("leaves quotes unescaped, so that a name breaks the JSON or forges the user", () => {
    const quoted = { ...share, worker: { ...worker, fullName: 'tb1qminer.a"b' } }
    assert.throws(() => JSON.parse(entryOf(quoted).fields["data"] ?? ""))
    assert.isUndefined(rowOf(quoted))
    const forged = { ...share, forgedUser: "tb1qother" }
    assert.deepInclude(JSON.parse(entryOf(forged).fields["data"] ?? ""), {
      user: "tb1qother",
      worker: "tb1qminer.rig"
    })
    assert.deepInclude(rowOf(forged), { address: "tb1qother", worker: "tb1qminer.rig" })
  })
})

describe("Deliveries", () => {
  it.effect("delivers every event once and in order without faults", () =>
    Effect.gen(function* () {
      const { entries, events, rows, shares } = yield* delivered()
      assert.deepStrictEqual(entries, events.map(entryOf))
      // The collector also filters the honest repeats of the smallest devices.
      assert.isAtLeast(rows.length, shares.length - 5)
      assert.deepStrictEqual(rows.slice(0, 100), shares.slice(0, 100).map(rowOf))
    })
  )

  it.effect("copies shares in the streams but not in the table", () =>
    Effect.gen(function* () {
      const { entries, events, rows, shares } = yield* delivered("duplicates")
      assert.isAbove(entries.length, events.length + shares.length * 0.03)
      assert.approximately(rows.length, shares.length, 5)
    })
  )

  it.effect("delivers late and reordered shares with their own times", () =>
    Effect.gen(function* () {
      const { entries, events } = yield* delivered("late", "reordered")
      assert.notDeepEqual(entries, events.map(entryOf))
      const text = (list: ReadonlyArray<object>) => list.map((entry) => JSON.stringify(entry)).toSorted()
      assert.deepStrictEqual(text(entries), text(events.map(entryOf)))
    })
  )

  it.effect("loses parts of the streams and of the table with the fault gaps", () =>
    Effect.gen(function* () {
      const { entries, events, rows, shares } = yield* delivered("gaps")
      assert.isBelow(entries.length, events.length)
      assert.isAbove(entries.length, events.length * 0.8)
      assert.isBelow(rows.length, shares.length)
      assert.isAbove(rows.length, shares.length * 0.8)
    })
  )

  it.effect("produces both shapes, odd names and forged users if enabled", () =>
    Effect.gen(function* () {
      const { entries, rows } = yield* delivered("both-shapes", "odd-names", "forged-users")
      assert.isTrue(entries.some(({ fields }) => fields["data"] === undefined))
      assert.isTrue(entries.some(({ fields }) => fields["data"] !== undefined))
      assert.isTrue(rows.some(({ worker }) => worker.includes("ماينر")))
      assert.isTrue(rows.some(({ address, worker }) => !worker.startsWith(address)))
      assert.isTrue(rows.every(({ worker }) => /^.{0,128}$/u.test(worker)))
    })
  )
})
