import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { carol, dashboard } from "../../support/mining/Dashboard.ts"
import { alice, bob, miningRoutes, now } from "../../support/mining/MiningRoutes.ts"
import { storeShares } from "../../support/mining/StoredShares.ts"
import { jsonOf } from "../../support/TestRoutes.ts"

type Headers = Readonly<Record<string, string>>

const byAddress = (address: string, worker: string) => [
  `/api/v1/miners/${address}`,
  `/api/v1/miners/${address}/workers`,
  `/api/v1/miners/${address}/workers/${worker}`,
  `/api/v1/miners/${address}/hashrate`,
  `/api/v1/miners/${address}/shares`,
  `/users/${address}`,
  `/api/client/${address}`
]

const insertBlock = `
  INSERT INTO tbg_api.mining_blocks (height, address_id, worker_id, found_at)
  SELECT 900000, address_id, id, '2026-12-09T01:00:00Z' FROM tbg_api.mining_workers WHERE name = 'a.b'`

/** The same block, and an older one, under the address as the miner sent it. */
const insertOwnerBlocks = `
  INSERT INTO public.blocks (block_height, block_hash, btc_address, confirmations, confirmed, found_at, difficulty)
  VALUES (900000, 'c1', '${alice.toUpperCase()}', 1, false, '2026-12-09T01:00:05Z', 1e14),
    (890000, 'c2', '${alice.toUpperCase()}', 1, false, '2026-10-01T00:00:00Z', 1e14)`

/** Routes over a player with two addresses, and the request that hides both. */
const visible = Effect.map(dashboard, (made) => {
  const hide = Effect.gen(function* () {
    const response = yield* made.ask("/api/v1/users/me", {
      method: "PATCH",
      headers: { ...made.player, "content-type": "application/json" },
      body: JSON.stringify({ is_public: false })
    })
    assert.strictEqual(response.status, 200)
  })
  return { ...made, hide }
})

/** The same after the player hid both addresses, and headers of several callers. */
const hidden = Effect.gen(function* () {
  const made = yield* visible
  const { hide, player, run, signIn } = made
  yield* run(insertBlock)
  yield* hide
  const other = yield* signIn(carol)
  const last = player.authorization.at(-1) === "a" ? "b" : "a"
  const forged = { authorization: `${player.authorization.slice(0, -1)}${last}` }
  const strangers: ReadonlyArray<Headers> = [{}, other, forged, { authorization: "Bearer x" }]
  return { ...made, strangers }
})

describe("a hidden miner", () => {
  it.effect("is 404 by address to everyone but its signed-in owner", () =>
    Effect.gen(function* () {
      const { get, player, strangers } = yield* hidden
      for (const path of [...byAddress(alice, "rig1"), ...byAddress(bob, "default")]) {
        for (const stranger of strangers) assert.strictEqual((yield* get(path, stranger)).status, 404, path)
        assert.strictEqual((yield* get(path, player)).status, 200, path)
      }
      for (const stranger of strangers) {
        assert.strictEqual((yield* get(`/api/v1/miners/${carol}`, stranger)).status, 200)
      }
    })
  )

  it.effect("is named in blocks and best shares only to its owner, who gets different entity tags", () =>
    Effect.gen(function* () {
      const { get, player, read, run, strangers } = yield* hidden
      yield* run("DELETE FROM tbg_api.mining_pool_bests WHERE best = 9e12")
      yield* run(insertOwnerBlocks)
      const list = yield* get("/api/v1/blocks", player)
      const { address, id, worker } = Object(yield* jsonOf(list)).blocks[0]
      assert.deepStrictEqual([address, worker], [alice, "a.b"])
      assert.isString(Object(yield* read("/api/v1/pool", player)).best.all_time.worker)
      for (const stranger of strangers) {
        const condition = { "if-none-match": list.headers.get("etag") ?? "" }
        const shown = yield* get("/api/v1/blocks", { ...stranger, ...condition })
        assert.strictEqual(shown.status, 200)
        const blocks: ReadonlyArray<{ address: unknown; worker: unknown }> = Object(yield* jsonOf(shown)).blocks
        assert.deepStrictEqual(
          blocks.map(({ address, worker }) => [address, worker]),
          [
            [null, null],
            [null, null]
          ]
        )
        assert.strictEqual(Object(yield* read(`/api/v1/blocks/${id}`, stranger)).block.address, null)
        assert.isNull(Object(yield* read("/api/v1/pool", stranger)).best.all_time.worker)
      }
    })
  )

  it.effect("is not named in best shares after its owner hides it", () =>
    Effect.gen(function* () {
      const { hide, player, read, run } = yield* visible
      yield* run("DELETE FROM tbg_api.mining_pool_bests WHERE best = 9e12")
      const workerFor = (caller?: Headers) =>
        Effect.map(read("/api/v1/pool", caller), (pool) => Object(pool).best.all_time.worker)
      const worker = yield* workerFor()
      assert.isString(worker)
      yield* hide
      assert.isNull(yield* workerFor())
      assert.strictEqual(yield* workerFor(player), worker)
    })
  )

  it.effect("is visible to its owner if all miners are hidden", () =>
    Effect.gen(function* () {
      const { client, get, signIn } = yield* miningRoutes({ isPublic: false })
      const shares = [{ address: alice, worker: "rig1", difficulty: 16, reached: 20, at: now - 1000 }]
      yield* Effect.provide(storeShares(shares), client)
      const [owner, other] = [yield* signIn(alice), yield* signIn(bob)]
      for (const path of byAddress(alice, "rig1")) {
        const statuses = yield* Effect.forEach([owner, other, {}], (caller) =>
          Effect.map(get(path, caller), (r) => r.status)
        )
        assert.deepStrictEqual(statuses, [200, 404, 404], path)
      }
    })
  )
})
