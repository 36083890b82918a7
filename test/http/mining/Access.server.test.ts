import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { SqlClient } from "effect/sql"
import { alice, miningRoutes, now } from "../../support/mining/MiningRoutes.ts"
import { storeShares } from "../../support/mining/StoredShares.ts"
import { jsonOf } from "../../support/TestRoutes.ts"

const shares = [{ address: alice, worker: "rig1", difficulty: 16, reached: 20, at: now - 1000 }]

const served = Effect.fnUntraced(function* (options: Parameters<typeof miningRoutes>[0] = {}) {
  const made = yield* miningRoutes(options)
  yield* Effect.provide(storeShares(shares), made.client)
  return made
})

const byAddress = (address: string) => [
  `/api/v1/miners/${address}`,
  `/api/v1/miners/${address}/workers`,
  `/api/v1/miners/${address}/workers/rig1`,
  `/api/v1/miners/${address}/hashrate`,
  `/api/v1/miners/${address}/shares`,
  `/users/${address}`,
  `/api/client/${address}`
]
const all = ["/api/v1/pool", "/api/v1/pool/hashrate", "/api/v1/network", "/api/v1/blocks", ...byAddress(alice)]

const update = (statement: string) => Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(statement))

describe("mining reads", () => {
  it.effect("send an entity tag for the position and the query, and 304 to a caller that sends it back", () =>
    Effect.gen(function* () {
      const { client, get } = yield* served()
      const tags = yield* Effect.forEach(all, (path) =>
        Effect.gen(function* () {
          const { headers, status } = yield* get(path)
          assert.strictEqual(status, 200, path)
          assert.strictEqual(headers.get("cache-control"), "private, max-age=1")
          assert.strictEqual(headers.get("vary"), "Authorization, Origin")
          return headers.get("etag") ?? ""
        })
      )
      assert.lengthOf(new Set(tags), all.length)
      const statusOf = (path: string, tag: string | undefined) =>
        Effect.map(get(path, { "if-none-match": tag ?? "" }), ({ headers, status }) => {
          assert.strictEqual(headers.get("vary"), "Authorization, Origin")
          return status
        })
      const statuses = Effect.forEach(all, (path, index) => statusOf(path, tags[index]))
      assert.deepStrictEqual(
        yield* statuses,
        all.map(() => 304)
      )
      yield* Effect.provide(update("UPDATE tbg_api.mining_state SET version = version + 1"), client)
      assert.deepStrictEqual(
        yield* statuses,
        all.map(() => 200)
      )
    })
  )

  it.effect("continue while no process leads: lag_ms grows, as_of stays, and entity tags stay valid", () =>
    Effect.gen(function* () {
      const { client, get, read } = yield* served()
      const tag = (yield* get("/api/v1/pool")).headers.get("etag") ?? ""
      const waiting = "UPDATE tbg_api.mining_state SET expires_at = now() - interval '1 minute', "
      yield* Effect.provide(
        update(
          `${waiting} pending_since = now() - interval '40 seconds', progressed_at = now() - interval '40 seconds'`
        ),
        client
      )
      const { as_of, lag_ms } = Object(yield* read("/api/v1/pool"))
      assert.isAtLeast(lag_ms, 40_000)
      assert.isBelow(DateTime.toEpochMillis(DateTime.makeUnsafe(as_of)), now - 39_999)
      assert.strictEqual((yield* get("/api/v1/pool", { "if-none-match": tag })).status, 304)
    })
  )

  it.effect("return 404 for a hidden miner, whose address appears nowhere else", () =>
    Effect.gen(function* () {
      const { get } = yield* served({ isPublic: false })
      for (const path of byAddress(alice)) {
        const response = yield* get(path)
        assert.strictEqual(response.status, 404, path)
        assert.deepStrictEqual(yield* jsonOf(response), { detail: "Not found" })
      }
      const pool = yield* get("/api/v1/pool")
      assert.notInclude(yield* Effect.promise(() => pool.text()), "rig1")
    })
  )

  it.effect("accept any well-formed address of the network, and return the reason for refusing another", () =>
    Effect.gen(function* () {
      const { get } = yield* served()
      const accepted = [
        alice.toUpperCase(),
        "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
        "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
        "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr"
      ]
      for (const address of accepted) {
        const { status } = yield* get(`/api/v1/miners/${address}`)
        assert.strictEqual(status, address === alice.toUpperCase() ? 200 : 404, address)
      }
      const refused = [
        [alice.replace("q", "Q"), "mixes upper and lower case"],
        [alice.replace(/q$/, "p"), "checksum"],
        ["1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3", "checksum"],
        ["tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", "testnet or signet"],
        ["mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", "a test network"],
        ["nonsense", "bech32 or base58"]
      ] as const
      for (const [address, reason] of refused) {
        for (const path of byAddress(address)) {
          const response = yield* get(path)
          assert.strictEqual(response.status, 422, path)
          const { errors } = Object(yield* jsonOf(response))
          assert.strictEqual(errors[0].path, "address")
          assert.include(errors[0].message, reason)
        }
      }
    })
  )

  it.effect("are limited by client address, and reject unknown parameters under /api/v1 only", () =>
    Effect.gen(function* () {
      const { get } = yield* served({ variables: { TBG_RATE_LIMIT_MODE: "enforce", TBG_RATE_LIMIT_REQUESTS: "16" } })
      for (const path of [...all, "/health/mining"]) {
        assert.match((yield* get(path)).headers.get("ratelimit-policy") ?? "", /^"ip"/, path)
      }
      const statuses = yield* Effect.forEach(
        [
          "/api/v1/pool?x=1",
          `/api/v1/miners/${alice}?x=1`,
          `/users/${alice}?x=1`,
          `/api/client/${alice}?payoutMode=solo`
        ],
        (path) => Effect.map(get(path), ({ status }) => status)
      )
      assert.deepStrictEqual(statuses, [422, 422, 200, 200])
      const limited = yield* get(`/users/${alice}`)
      assert.deepStrictEqual([limited.status, limited.headers.get("access-control-allow-origin")], [429, "*"])
    })
  )
})
