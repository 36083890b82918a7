import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { carol, dashboard, own as shares } from "../../support/mining/Dashboard.ts"
import { bestSince, textOf } from "../../support/mining/ExpectedRates.ts"
import { alice, bob, now } from "../../support/mining/MiningRoutes.ts"
import { jsonOf } from "../../support/TestRoutes.ts"

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

const dashboardBest = (since: string) => {
  const { at, difficulty, worker } = Object(bestSince(shares, since))
  return { difficulty, time: at, worker_name: worker }
}

describe("GET /api/v1/mining/difficulty/bests", () => {
  it.effect("returns the best shares of all addresses by calendar period", () =>
    Effect.gen(function* () {
      const { mine } = yield* dashboard
      assert.deepStrictEqual(yield* mine("/mining/difficulty/bests"), {
        week: dashboardBest("2026-12-07T00:00:00Z"),
        month: dashboardBest("2026-12-01T00:00:00Z"),
        alltime: dashboardBest("")
      })
    })
  )
})

describe("GET /api/v1/mining/difficulty/scatter", () => {
  it.effect("lists the best single shares and buckets of 30 days, highest first", () =>
    Effect.gen(function* () {
      const { get, mine, player } = yield* dashboard
      const ceil = (at: number, step: number) => Math.ceil(at / step) * step
      const [recent, yesterday] = [ceil(now - 2 * hour, 5 * minute), ceil(now - day, hour)]
      const bucketOf = (at: number) => {
        if (at >= recent) return at
        const step = at >= yesterday ? 5 * minute : hour
        return Math.floor(at / step) * step
      }
      const groups = Map.groupBy(shares, ({ at, difficulty, worker }) =>
        at >= recent ? Symbol(worker) : `${bucketOf(at)} ${worker} ${difficulty}`
      )
      const expected = [...groups.values()]
        .map((group) => group.reduce((a, b) => (b.reached > a.reached ? b : a)))
        .toSorted((a, b) => b.reached - a.reached || a.at - b.at)
        .map(({ at, reached, worker }) => ({ time: textOf(at), difficulty: reached, worker_name: worker }))
      assert.isAbove(expected.length, 500)
      assert.deepStrictEqual(yield* mine("/mining/difficulty/scatter?limit=500"), expected.slice(0, 500))
      assert.deepStrictEqual(yield* mine("/mining/difficulty/scatter"), expected.slice(0, 100))
      assert.strictEqual((yield* get("/api/v1/mining/difficulty/scatter?limit=501", player)).status, 422)
    })
  )
})

const time = "2026-12-09T10:00:00.000001Z"
/** Newest first; four are equal in time, and two of them in all that is shown. */
const rows = [
  { at: "2026-12-09T10:00:00.000002Z", address: bob, worker: `${bob}.z`, difficulty: 8, reached: 9 },
  { at: time, address: alice, worker: `${alice}.b`, difficulty: 8, reached: 2e14 },
  { at: time, address: alice, worker: `${alice}.b`, difficulty: 8, reached: 9 },
  { at: time, address: bob, worker: "", difficulty: 8, reached: 9 },
  { at: time, address: alice, worker: "", difficulty: 8, reached: 9 },
  { at: "2026-12-08T10:00:00.000000Z", address: alice, worker: `${alice}.b`, difficulty: 4, reached: 2e14 }
]
const insertRows = `
  INSERT INTO public.shares (time, btc_address, worker_name, difficulty, share_diff, is_valid)
  SELECT r.at, r.address, r.worker, r.difficulty, r.reached, true
  FROM json_to_recordset('${JSON.stringify([...rows, { ...rows[0], address: carol, worker: `${carol}.x` }])}')
    AS r (at timestamptz, address text, worker text, difficulty float8, reached float8)`
const network = `
  INSERT INTO tbg_api.mining_network (height, difficulty, at) VALUES (900100, 1e14, '2026-12-09T02:00:00Z')`

const expected = rows.map(({ address, at, difficulty, reached, worker }) => ({
  time: at,
  worker_name: worker.slice(address.length + 1) || "default",
  difficulty,
  share_diff: reached,
  is_valid: true,
  is_block: at < "2026-12-09" ? null : reached >= 1e14
}))

describe("GET /api/v1/mining/shares", () => {
  it.effect("pages through the shares of all addresses once, and marks blocks", () =>
    Effect.gen(function* () {
      const { get, mine, player, run } = yield* dashboard
      yield* run(insertRows)
      yield* run(network)
      for (const limit of [1, 2, 4, 100]) {
        const found: Array<unknown> = []
        let path: string | undefined = `/api/v1/mining/shares?limit=${limit}`
        while (path !== undefined) {
          const response: Response = yield* get(path, player)
          const { data, pagination } = Object(yield* jsonOf(response))
          found.push(...data)
          path = /^<(.*)>; rel="next"$/.exec(response.headers.get("link") ?? "")?.[1]
          assert.deepStrictEqual(Object.keys(pagination), ["limit", "has_more", "next_cursor"])
          assert.deepStrictEqual([pagination.limit, pagination.has_more], [limit, path !== undefined])
        }
        assert.deepStrictEqual(found, expected, `limit ${limit}`)
      }
      const ofB = Object(yield* mine("/mining/shares?worker_name=b")).data
      assert.deepStrictEqual(
        ofB,
        expected.filter(({ worker_name }) => worker_name === "b")
      )
    })
  )

  it.effect("rejects cursors of another player, filter and list", () =>
    Effect.gen(function* () {
      const { get, mine, run, signIn, player } = yield* dashboard
      yield* run(insertRows)
      const { next_cursor } = Object(yield* mine("/mining/shares?limit=1")).pagination
      const statusOf = (path: string, headers: Readonly<Record<string, string>>) =>
        Effect.map(get(`/api/v1/mining/${path}cursor=${next_cursor}`, headers), ({ status }) => status)
      assert.strictEqual(yield* statusOf("shares?", player), 200)
      assert.strictEqual(yield* statusOf("shares?worker_name=b&", player), 422)
      assert.strictEqual(yield* statusOf("blocks?", player), 422)
      assert.strictEqual(yield* statusOf("shares?", yield* signIn(carol)), 422)
    })
  )
})
