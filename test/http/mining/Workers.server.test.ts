import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { assertRates, bestSince, isOf, shares } from "../../support/mining/ExpectedRates.ts"
import { alice, bob, miningRoutes, now } from "../../support/mining/MiningRoutes.ts"
import { storeShares } from "../../support/mining/StoredShares.ts"

describe("GET /api/v1/miners/{address}/workers", () => {
  it.effect("lists workers by name with their own rates, and finds each by its encoded name", () =>
    Effect.gen(function* () {
      const { client, get, read } = yield* miningRoutes()
      const odd = ["a.b", "q'uo\"te", "שלום", "x".repeat(128), "%2F/?#"]
      const added = odd.slice(1).map((worker, index) => ({
        ...shares[index],
        address: alice,
        worker,
        at: now - 1000,
        difficulty: 7,
        reached: 9
      }))
      yield* Effect.provide(storeShares([...shares, ...added]), client)
      const { as_of, next_cursor, workers } = Object(yield* read(`/api/v1/miners/${alice}/workers`))
      assert.strictEqual(as_of, "2026-12-09T10:17:23.456000Z")
      assert.strictEqual(next_cursor, null)
      assert.deepStrictEqual(
        workers.map((worker: { name: string }) => worker.name),
        [...odd, "rig1"].toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      )
      for (const name of ["rig1", "a.b"]) {
        const { worker } = Object(yield* read(`/api/v1/miners/${alice}/workers/${encodeURIComponent(name)}`))
        const own = shares.filter(isOf(alice, name))
        assertRates(worker.hashrate, own)
        assert.deepStrictEqual(worker.best, bestSince(own, ""))
        assert.deepStrictEqual(
          worker,
          workers.find((row: { name: string }) => row.name === name)
        )
      }
      for (const name of odd) {
        const { worker } = Object(yield* read(`/api/v1/miners/${alice}/workers/${encodeURIComponent(name)}`))
        assert.strictEqual(worker.name, name)
      }
      assert.strictEqual((yield* get(`/api/v1/miners/${alice}/workers/unknown`)).status, 404)
      assert.strictEqual((yield* get(`/api/v1/miners/${alice}/workers/%00`)).status, 422)
    })
  )

  it.effect("lists a worker that only found a block, whose first time is unknown", () =>
    Effect.gen(function* () {
      const { client, read } = yield* miningRoutes()
      yield* Effect.provide(storeShares(shares), client)
      const insert = Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`
        INSERT INTO tbg_api.mining_workers (address_id, name)
        SELECT id, 'lucky' FROM tbg_api.mining_addresses WHERE address = ${alice}`
      )
      yield* Effect.provide(insert, client)
      const { worker } = Object(yield* read(`/api/v1/miners/${alice}/workers/lucky`))
      assert.strictEqual(worker.first_seen, null)
      assert.isFalse(worker.online)
      const { workers } = Object(yield* read(`/api/v1/miners/${alice}/workers`))
      assert.lengthOf(workers, 3)
      yield* read(`/api/client/${alice}`)
      yield* read(`/users/${alice}`)
    })
  )

  it.effect("pages through all workers once, and rejects cursors of other addresses", () =>
    Effect.gen(function* () {
      const { client, get, read } = yield* miningRoutes()
      const plain = { difficulty: 1, reached: 2, at: now - 1000 }
      const names = Array.from({ length: 25 }, (_, index) => `w${index}`)
      const many = names.map((worker) => ({ ...plain, address: alice, worker }))
      yield* Effect.provide(storeShares([...many, { ...plain, address: bob, worker: "default" }]), client)
      const found: Array<string> = []
      let path: string | undefined = `/api/v1/miners/${alice}/workers?limit=10`
      let cursor = ""
      while (path !== undefined) {
        const response: Response = yield* get(path)
        const page = Object(yield* Effect.promise(() => response.json()))
        found.push(...page.workers.map((worker: { name: string }) => worker.name))
        cursor = page.next_cursor ?? cursor
        path = /^<(.*)>; rel="next"$/.exec(response.headers.get("link") ?? "")?.[1]
      }
      assert.deepStrictEqual(found, names.toSorted())
      assert.strictEqual((yield* get(`/api/v1/miners/${bob}/workers?cursor=${cursor}`)).status, 422)
      assert.strictEqual((yield* get(`/api/v1/miners/${alice}/workers?limit=101`)).status, 422)
      const defaultPage = Object(yield* read(`/api/v1/miners/${alice}/workers`))
      assert.lengthOf(defaultPage.workers, 20)
    })
  )

  it.effect("keeps a worker online for 6 of its share intervals, at least 5 minutes, and after a connect", () =>
    Effect.gen(function* () {
      const { client, read } = yield* miningRoutes()
      const plain = { address: alice, difficulty: 1, reached: 2 }
      const every = (worker: string, minutes: number, last: number) =>
        Array.from({ length: 10 }, (_, index) => ({
          ...plain,
          worker,
          at: now - last * 60_000 - index * minutes * 60_000
        }))
      yield* Effect.provide(
        storeShares([
          ...every("fast", 0.1, 4),
          ...every("fastGone", 0.1, 6),
          ...every("slow", 30, 170),
          ...every("slowGone", 30, 200),
          ...every("connected", 0.1, 60)
        ]),
        client
      )
      const connect = Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`UPDATE tbg_api.mining_workers SET disconnected_at = '2026-12-09T10:17:00Z',
          connected_at = CASE WHEN name = 'connected' THEN timestamptz '2026-12-09T10:15:00Z' END`
      )
      yield* Effect.provide(connect, client)
      const { workers } = Object(yield* read(`/api/v1/miners/${alice}/workers`))
      assert.deepStrictEqual(
        workers.map(({ name, online }: { name: string; online: boolean }) => [name, online]),
        [
          ["connected", true],
          ["fast", true],
          ["fastGone", false],
          ["slow", true],
          ["slowGone", false]
        ]
      )
      const { miner } = Object(yield* read(`/api/v1/miners/${alice}`))
      assert.deepStrictEqual(miner.workers, { online: 3, total: 5 })
      const pool = Object(yield* read("/api/v1/pool"))
      assert.deepStrictEqual(pool.workers, { online: 3, total: 5 })
    })
  )
})
