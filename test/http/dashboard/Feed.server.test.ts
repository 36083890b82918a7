import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { carol, dashboard } from "../../support/mining/Dashboard.ts"
import { alice, bob } from "../../support/mining/MiningRoutes.ts"

const at = "2026-12-09T10:00:00.000001Z"
const worker = { type: "worker", address: alice, worker: "rig1", state: "seen", at }
const first = { type: "best", address: alice, worker: "rig1", difficulty: 1234.567, previous: null, at }
const block = { type: "block", id: 7, height: 900_000, hash: null, worker: "default", difficulty: null, at }
const second = { ...first, address: bob, difficulty: 5e9, previous: 1234.567 }

const facts = [
  [alice, worker],
  [carol, { ...worker, address: carol }],
  [alice, first],
  [null, { ...block, address: null, worker: null }],
  [bob, { ...block, address: bob }],
  [carol, { ...second, address: carol }],
  [bob, second]
] as const

const inserts = facts.map(
  ([address, data]) => `INSERT INTO tbg_api.mining_facts (address_id, kind, at, data)
    SELECT (SELECT id FROM tbg_api.mining_addresses WHERE address = '${address}'), '${data.type}', '${at}',
      '${JSON.stringify(data)}'`
)

/** Ids are 1, 2, … in the order of `facts`. */
const item = (id: number, title: string) => {
  const data = facts[id - 1]?.[1]
  return { id, type: data?.type, time: at, title, data }
}
const expected = [
  item(7, "New best share by rig1: difficulty 5,000,000,000"),
  item(5, "Block 900,000 found by default"),
  item(3, "New best share by rig1: difficulty 1,234.57"),
  item(1, "New worker rig1")
]

describe("GET /api/v1/dashboard/feed", () => {
  it.effect("lists the events of all addresses of the player, newest first, in pages by before_id", () =>
    Effect.gen(function* () {
      const { get, mine, player, run } = yield* dashboard
      yield* Effect.forEach(inserts, run, { discard: true })
      assert.deepStrictEqual(yield* mine("/dashboard/feed"), expected)
      assert.deepStrictEqual(yield* mine("/dashboard/feed?limit=2"), expected.slice(0, 2))
      assert.deepStrictEqual(yield* mine("/dashboard/feed?limit=2&before_id=5"), expected.slice(2))
      assert.deepStrictEqual(yield* mine("/dashboard/feed?before_id=1"), [])
      assert.strictEqual((yield* get("/api/v1/dashboard/feed?before_id=x", player)).status, 422)
    })
  )
})
