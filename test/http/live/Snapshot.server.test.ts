import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { liveCursors } from "../../../src/services/live/LiveCursors.ts"
import { carol, dashboard } from "../../support/mining/Dashboard.ts"
import { alice, bob } from "../../support/mining/MiningRoutes.ts"
import { memoryTeams } from "../../support/TestTeams.ts"
import { jsonOf } from "../../support/TestRoutes.ts"

const path = (topics: string) => `/api/v1/live/snapshot?topics=${topics}`

const insertBlocks = `
  INSERT INTO tbg_api.mining_blocks (height, address_id, worker_id, found_at)
  SELECT 900000 + n, address_id, id, '2026-12-09T01:00:00Z' FROM tbg_api.mining_workers, generate_series(1, 25) n
  WHERE name = 'a.b'`
const insertNetwork = `
  INSERT INTO tbg_api.mining_network (height, hash, difficulty, at) VALUES (900100, 'aa', 2e6, '2026-12-09T10:00:00Z')`
const setOutbox = "UPDATE tbg_api.mining_state SET outbox = 4321"

/** Headers without those of the request's own. */
const hide = (isPublic: boolean) => ({ method: "PATCH", body: JSON.stringify({ is_public: isPublic }) })

describe("GET /api/v1/live/snapshot", () => {
  it.effect("has the same bodies as REST, and a cursor after the newest event", () =>
    Effect.gen(function* () {
      const { player, read, run } = yield* dashboard
      yield* Effect.forEach([insertBlocks, insertNetwork, setOutbox], run)
      const topics = `pool,network,blocks,board,miner:${carol.toUpperCase()},me,pool`
      const { cursor, state } = Object(yield* read(path(topics), player))
      const miner = (address: string) =>
        Effect.gen(function* () {
          const { workers } = Object(yield* read(`/api/v1/miners/${address}/workers`, player))
          return { ...Object(yield* read(`/api/v1/miners/${address}`, player)), workers }
        })
      assert.deepStrictEqual(state, {
        pool: yield* read("/api/v1/pool", player),
        network: yield* read("/api/v1/network", player),
        blocks: yield* read("/api/v1/blocks", player),
        board: {
          difficulty: yield* read("/api/v1/leaderboard?board=difficulty", player),
          work: yield* read("/api/v1/leaderboard?board=work", player),
          luck: yield* read("/api/v1/leaderboard?board=luck", player)
        },
        [`miner:${carol}`]: yield* miner(carol),
        me: { miners: [yield* miner(alice), yield* miner(bob)] }
      })
      assert.isString(state.blocks.next_cursor)
      const { decode } = yield* Effect.provide(liveCursors, memoryTeams)
      assert.deepStrictEqual(decode(cursor), { n: 4321, s: 0 })
    })
  )

  it.effect("rejects unknown topics, bad addresses, hidden miners of others, and `me` without a session", () =>
    Effect.gen(function* () {
      const { ask, get, player, read } = yield* dashboard
      const problem = (topics: string) => Effect.map(read(path(topics)), (body) => Object(body).errors)
      assert.deepStrictEqual(yield* problem("pool,price"), [
        { path: "topics", message: 'Unknown topic "price": expected pool, network, blocks, board, miner:{address}, me' }
      ])
      assert.deepStrictEqual(yield* problem(`miner:${alice},miner:${alice.slice(0, -1)}x`), [
        {
          path: "topics",
          message: `The address of topic miner:${alice.slice(0, -1)}x has a wrong checksum or an invalid character`
        }
      ])
      const names = Array.from({ length: 21 }, (_, index) => `miner:x${index}`)
      assert.strictEqual((yield* get(path(names.join()))).status, 422)
      assert.strictEqual((yield* get(path(""))).status, 422)
      assert.strictEqual((yield* get("/api/v1/live/snapshot")).status, 422)
      assert.strictEqual((yield* get(path("pool,me"))).status, 401)
      assert.strictEqual((yield* get(path("miner:bc1q34aq5drpuwy3wgl9lhup9892qp6svr8ldzyy7c"))).status, 404)
      const headers = { ...player, "content-type": "application/json" }
      assert.strictEqual((yield* ask("/api/v1/users/me", { ...hide(false), headers })).status, 200)
      assert.strictEqual((yield* get(path(`pool,miner:${alice}`))).status, 404)
      assert.strictEqual((yield* get(path(`pool,miner:${alice}`), player)).status, 200)
    })
  )

  it.effect("issues tickets to sessions only", () =>
    Effect.gen(function* () {
      const { ask, player } = yield* dashboard
      const asked = (headers: Record<string, string>) => ask("/api/v1/live/ticket", { method: "POST", headers })
      assert.strictEqual((yield* asked({})).status, 401)
      const issued = yield* asked(player)
      assert.deepStrictEqual([issued.status, issued.headers.get("cache-control")], [200, "no-store"])
      const { ticket, ...others } = Object(yield* jsonOf(issued))
      assert.match(ticket, /^tbgt_[0-9a-f]{32}_[0-9A-Za-z]{38}$/u)
      assert.deepStrictEqual(others, { expires_in: 30 })
    })
  )
})
