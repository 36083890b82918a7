import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { alice, bob, miningRoutes, now } from "../../support/mining/MiningRoutes.ts"
import { storeShares } from "../../support/mining/StoredShares.ts"

const plain = { difficulty: 1, reached: 2, at: now - 1000 }
const miners = [
  { ...plain, address: alice, worker: "rig1" },
  { ...plain, address: bob, worker: "default" }
]

/** Ids of blocks are 1, 2, … in this order. */
const blocks = [
  ["confirmed by height", 899_900, "a1", alice, "2026-12-08T00:00:00Z"],
  ["pending below that", 899_901, "a2", alice, "2026-12-08T01:00:00Z"],
  ["followed by another hash", 899_990, "a3", bob, "2026-12-09T01:00:00Z"],
  ["followed by its own hash", 899_992, "a4", bob, "2026-12-09T02:00:00Z"],
  ["announced one higher, as the block after the tip", 899_994, "a5", bob, "2026-12-09T03:00:00Z"],
  ["without a hash", 899_998, null, null, "2026-12-09T04:00:00Z"]
] as const

const network = [
  [899_991, "b1", "ff", 3e14, "2026-12-09T01:10:00Z"],
  [899_993, "b2", "a4", null, "2026-12-09T02:10:00Z"],
  [899_995, "a5", "b3", null, "2026-12-09T03:00:00Z"],
  [899_996, "b4", "a5", null, "2026-12-09T03:10:00Z"],
  [900_000, "b5", null, null, "2026-12-09T05:00:00Z"]
] as const

const insertBlocks = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const [, height, hash, address, at] of blocks) {
    yield* sql`INSERT INTO tbg_api.mining_blocks (height, hash, address_id, worker_id, found_at)
      SELECT ${height}::integer, ${hash}, a.id, w.id, ${at}::timestamptz FROM (VALUES (1)) x
      LEFT JOIN tbg_api.mining_addresses a ON a.address = ${address}
      LEFT JOIN tbg_api.mining_workers w ON w.address_id = a.id`
  }
  for (const [height, hash, previous, difficulty, at] of network) {
    yield* sql`INSERT INTO tbg_api.mining_network (height, hash, prev_hash, difficulty, at)
      VALUES (${height}, ${hash}, ${previous}, ${difficulty}, ${at})`
  }
  // The owner's table: the first block again, one that only it has, and one that the network left.
  yield* sql`INSERT INTO public.blocks (block_height, block_hash, btc_address, confirmations, confirmed, found_at, difficulty)
    VALUES (899900, 'a1', ${alice}, 101, true, '2026-12-08T00:00:05Z', 2e14),
      (890000, 'c1', ${bob}, 10000, true, '2026-10-01T00:00:00Z', 1e14),
      (890001, 'c2', ${bob}, -1, false, '2026-10-02T00:00:00Z', 1e14)`
})

const served = Effect.fnUntraced(function* (isPublic: boolean) {
  const made = yield* miningRoutes({ isPublic })
  yield* Effect.provide(Effect.andThen(storeShares(miners), insertBlocks), made.client)
  return made
})

describe("GET /api/v1/blocks", () => {
  it.effect("lists each block once, newest first, with the status from the network and the owner's table", () =>
    Effect.gen(function* () {
      const { get, read } = yield* served(true)
      const { as_of, blocks: found, lag_ms, next_cursor } = Object(yield* read("/api/v1/blocks"))
      assert.strictEqual(next_cursor, null)
      assert.deepStrictEqual(
        found.map(({ hash, height, status }: Record<string, unknown>) => [height, hash, status]),
        [
          [899_998, null, "pending"],
          [899_994, "a5", "pending"],
          [899_992, "a4", "pending"],
          [899_990, "a3", "orphaned"],
          [899_901, "a2", "pending"],
          [899_900, "a1", "confirmed"],
          [890_001, "c2", "orphaned"],
          [890_000, "c1", "confirmed"]
        ]
      )
      assert.deepStrictEqual(found[5], {
        id: "1",
        height: 899_900,
        hash: "a1",
        status: "confirmed",
        found_at: "2026-12-08T00:00:00.000000Z",
        difficulty: 2e14,
        address: alice,
        worker: "rig1"
      })
      assert.deepStrictEqual([found[0].address, found[0].worker, found[0].difficulty], [null, null, 3e14])
      const { block, ...freshness } = Object(yield* read("/api/v1/blocks/1"))
      assert.strictEqual(lag_ms, 0)
      assert.deepStrictEqual(freshness, { as_of, lag_ms })
      assert.deepStrictEqual(block, found[5])
      assert.deepStrictEqual(Object(yield* read(`/api/v1/blocks/${found[7].id}`)).block, found[7])
      assert.strictEqual((yield* get("/api/v1/blocks/77")).status, 404)
      assert.strictEqual(Object(yield* read("/api/v1/pool")).blocks_found, 6)
    })
  )

  it.effect("pages by cursor, and does not name hidden miners", () =>
    Effect.gen(function* () {
      const { read } = yield* served(false)
      const heights: Array<number> = []
      let query = ""
      do {
        const page = Object(yield* read(`/api/v1/blocks?limit=3${query}`))
        heights.push(...page.blocks.map((block: { height: number }) => block.height))
        for (const { address, worker } of page.blocks) assert.deepStrictEqual([address, worker], [null, null])
        query = page.next_cursor === null ? "" : `&cursor=${page.next_cursor}`
      } while (query !== "")
      assert.lengthOf(heights, 8)
      assert.deepStrictEqual(heights, [899_998, 899_994, 899_992, 899_990, 899_901, 899_900, 890_001, 890_000])
      assert.isNull(Object(yield* read("/api/v1/pool")).best.day.worker)
    })
  )
})
