import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { carol, dashboard } from "../../support/mining/Dashboard.ts"
import { alice, miningRoutes } from "../../support/mining/MiningRoutes.ts"
import { jsonOf } from "../../support/TestRoutes.ts"

const zeros = { hashrate_1m: 0, hashrate_5m: 0, hashrate_1h: 0, hashrate_24h: 0 }
const counts = { workers_online: 0, workers_total: 0, shares_today: 0 }

/** Answers to a player who never sent a share. */
const empty = {
  "/mining/workers": [],
  "/mining/shares": { data: [], pagination: { limit: 20, has_more: false, next_cursor: null } },
  "/mining/hashrate": {
    ...zeros,
    ...counts,
    best_diff_today: null,
    best_diff_alltime: null,
    blocks_found: 0,
    last_share: null
  },
  "/mining/difficulty/bests": { week: null, month: null, alltime: null },
  "/mining/difficulty/scatter": [],
  "/mining/blocks": { blocks: [], next_cursor: null, as_of: null, lag_ms: null },
  "/dashboard/stats": {
    ...counts,
    hashrate: 0,
    hashrate_change: null,
    shares_change: null,
    best_diff_week: null,
    network_diff: null,
    best_diff_ratio: null,
    network_height: null
  },
  "/dashboard/feed": []
}
const paths = [...Object.keys(empty), "/mining/hashrate/chart"].map((path) => `/api/v1${path}`)

describe("the dashboard's paths", () => {
  it.effect("return 401 without a session, for any parameters", () =>
    Effect.gen(function* () {
      const { get } = yield* miningRoutes()
      for (const path of paths) {
        for (const query of ["", "?limit=x"]) {
          const response = yield* get(`${path}${query}`)
          assert.strictEqual(response.status, 401, path)
          assert.deepStrictEqual(yield* jsonOf(response), { detail: "Not authenticated" })
          assert.match(response.headers.get("www-authenticate") ?? "", /^Bearer/)
        }
      }
    })
  )

  it.effect("return empty lists, zeros and nulls for a player without shares", () =>
    Effect.gen(function* () {
      const { read, signIn } = yield* miningRoutes()
      const player = yield* signIn(alice)
      for (const [path, body] of Object.entries(empty)) {
        assert.deepStrictEqual(yield* read(`/api/v1${path}`, player), body, path)
      }
      const { average, current, peak, points } = Object(yield* read("/api/v1/mining/hashrate/chart", player))
      assert.deepStrictEqual([average, current, peak, points.length], [0, 0, 0, 288])
    })
  )

  it.effect("send entity tags that depend on the player, the query and the player's addresses", () =>
    Effect.gen(function* () {
      const { get, player, signIn } = yield* dashboard
      const other = yield* signIn(carol)
      for (const path of paths) {
        const { headers, status } = yield* get(path, player)
        assert.strictEqual(status, 200, path)
        assert.strictEqual(headers.get("cache-control"), "private, max-age=1")
        assert.strictEqual(headers.get("vary"), "Authorization, Origin")
        const condition = { "if-none-match": headers.get("etag") ?? "" }
        const statusOf = (path: string, caller: typeof player) =>
          Effect.map(get(path, { ...caller, ...condition }), ({ status }) => status)
        assert.strictEqual(yield* statusOf(path, player), 304, path)
        assert.strictEqual(yield* statusOf(path, other), 200, path)
      }
      const before = yield* get("/api/v1/mining/workers", player)
      yield* signIn(alice, "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy")
      const condition = { "if-none-match": before.headers.get("etag") ?? "" }
      assert.strictEqual((yield* get("/api/v1/mining/workers", { ...player, ...condition })).status, 200)
    })
  )

  it.effect("show changes of the owner's blocks within a minute, also before the first event", () =>
    Effect.gen(function* () {
      const { get, player, run } = yield* dashboard
      yield* run("UPDATE tbg_api.mining_state SET last_event_at = NULL")
      for (const path of ["/api/v1/mining/blocks", "/api/v1/blocks"]) {
        const tag = (yield* get(path, player)).headers.get("etag") ?? ""
        yield* TestClock.adjust("1 minute")
        assert.strictEqual((yield* get(path, { ...player, "if-none-match": tag })).status, 200, path)
      }
    })
  )

  it.effect("limit requests by session", () =>
    Effect.gen(function* () {
      const { get, signIn } = yield* miningRoutes({ variables: { TBG_RATE_LIMIT_MODE: "enforce" } })
      const player = yield* signIn(alice)
      for (const path of paths) {
        assert.match((yield* get(path, player)).headers.get("ratelimit-policy") ?? "", /^"session"/, path)
      }
    })
  )
})
