import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Layer } from "effect"
import { SqlClient } from "effect/sql"
import { alice, bob, miningRoutes, now } from "../../support/mining/MiningRoutes.ts"
import { storeShares } from "../../support/mining/StoredShares.ts"

interface Row {
  readonly time: string
  readonly worker: string
  readonly difficulty: number
  readonly reached: number
  readonly address?: string
  readonly isValid?: boolean
}

const insert = (rows: ReadonlyArray<Row>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.forEach(
      rows,
      ({ address = alice, difficulty, isValid = true, reached, time, worker }) =>
        sql`INSERT INTO public.shares (time, btc_address, worker_name, difficulty, share_diff, is_valid)
          VALUES (${time}, ${address}, ${worker}, ${difficulty}, ${reached}, ${isValid})`,
      { discard: true }
    )
  )

const known = [
  [alice, "default"],
  [alice, "b"],
  [bob, "default"]
].map(([address = "", worker = ""]) => ({
  address,
  worker,
  difficulty: 1,
  reached: 2,
  at: now - 3_600_000
}))

/** Rows in the order of the list, newest first; the first four are equal in time, and two of them in all. */
const ordered: ReadonlyArray<Row> = [
  { time: "2026-12-09T10:00:00.000002Z", worker: `${alice}.b`, difficulty: 8, reached: 9 },
  { time: "2026-12-09T10:00:00.000001Z", worker: `${alice}.b`, difficulty: 8, reached: 10 },
  { time: "2026-12-09T10:00:00.000001Z", worker: `${alice}.b`, difficulty: 8, reached: 9 },
  { time: "2026-12-09T10:00:00.000001Z", worker: `${alice}.b`, difficulty: 8, reached: 9 },
  { time: "2026-12-09T10:00:00.000001Z", worker: `${alice}.b`, difficulty: 4, reached: 99 },
  { time: "2026-12-09T10:00:00.000001Z", worker: `${alice}.a.c`, difficulty: 8, reached: 9 },
  { time: "2026-12-09T10:00:00.000000Z", worker: `${alice}_d`, difficulty: 8, reached: 9 },
  { time: "2026-12-09T09:00:00.000000Z", worker: alice, difficulty: 0.001, reached: 0.5 }
]

const nameOf = (worker: string): string => worker.slice(alice.length + 1) || "default"
const expected = ordered.map(({ difficulty, reached, time, worker }) => ({
  at: time,
  worker: nameOf(worker),
  difficulty,
  reached
}))

type Get = (path: string) => Effect.Effect<Response>

/** Follows `Link` to the end, and runs an effect after each page. */
const pagesOf = Effect.fnUntraced(function* (get: Get, first: string, after: Effect.Effect<unknown, unknown>) {
  const found: Array<unknown> = []
  let path: string | undefined = first
  while (path !== undefined) {
    const response: Response = yield* get(path)
    const { next_cursor, shares } = Object(yield* Effect.promise(() => response.json()))
    found.push(...shares)
    path = /^<(.*)>; rel="next"$/.exec(response.headers.get("link") ?? "")?.[1]
    assert.strictEqual(next_cursor === null, path === undefined)
    yield* after
  }
  return found
})

const served = Effect.fnUntraced(function* (rows: ReadonlyArray<Row>) {
  const made = yield* miningRoutes()
  yield* Effect.provide(Effect.andThen(storeShares(known), insert(rows)), made.client)
  const run = <A, E>(effect: Effect.Effect<A, E, SqlClient.SqlClient>, client: Layer.Layer<SqlClient.SqlClient>) =>
    Effect.provide(effect, client)
  return { ...made, insert: (more: ReadonlyArray<Row>) => run(insert(more), made.client) }
})

describe("GET /api/v1/miners/{address}/shares", () => {
  it.effect("is ordered by time, worker, difficulty and reached difficulty, in pages of any size", () =>
    Effect.gen(function* () {
      const { get } = yield* served(ordered)
      for (const limit of [1, 2, 3, 100]) {
        const path = `/api/v1/miners/${alice}/shares?limit=${limit}`
        assert.deepStrictEqual(yield* pagesOf(get, path, Effect.void), expected, `limit ${limit}`)
      }
    })
  )

  it.effect("neither skips nor repeats shares with equal times while rows are inserted", () =>
    Effect.gen(function* () {
      const row = (time: string, index: number): Row => ({
        time,
        worker: `${alice}.rig${index % 3}`,
        difficulty: 1 + (index % 2),
        reached: 5 + (index % 4)
      })
      const time = "2026-12-09T10:00:00.000000Z"
      const { get, insert } = yield* served(Array.from({ length: 60 }, (_, index) => row(time, index)))
      let inserted = 0
      const newer = Effect.suspend(() => {
        inserted += 1
        return insert([row("2026-12-09T10:05:00Z", inserted), row("2026-12-09T08:00:00Z", inserted)])
      })
      const found = yield* pagesOf(get, `/api/v1/miners/${alice}/shares?limit=7`, newer)
      const ofTime = found.filter((share) => Object(share).at === time)
      const count = (shares: ReadonlyArray<unknown>) => {
        const counts = new Map<string, number>()
        for (const share of shares) counts.set(JSON.stringify(share), (counts.get(JSON.stringify(share)) ?? 0) + 1)
        return counts
      }
      assert.deepStrictEqual(
        count(ofTime),
        count(
          Array.from({ length: 60 }, (_, index) => {
            const { difficulty, reached, worker } = row(time, index)
            return { at: time, worker: nameOf(worker), difficulty, reached }
          })
        )
      )
      assert.isAbove(inserted, 8)
    })
  )

  it.effect("leaves out shares that are misattributed, rejected, malformed, or younger than 2 seconds", () =>
    Effect.gen(function* () {
      const time = "2026-12-09T10:10:00.000000Z"
      const plain = { time, worker: `${alice}.x`, difficulty: 1, reached: 2 }
      const { get, read } = yield* served([
        ...ordered,
        { ...plain, worker: `${bob}.x` },
        { ...plain, worker: `${alice}x` },
        { ...plain, address: bob, worker: `${bob}.x` },
        { ...plain, isValid: false },
        { ...plain, difficulty: Number.NaN },
        { ...plain, reached: Number.POSITIVE_INFINITY },
        { ...plain, difficulty: 0 },
        { ...plain, time: "2026-12-09T10:17:22.456001Z" },
        { ...plain, time: "2026-12-09T11:00:00.000000Z" }
      ])
      assert.deepStrictEqual(yield* pagesOf(get, `/api/v1/miners/${alice}/shares`, Effect.void), expected)
      const ofDefault = Object(yield* read(`/api/v1/miners/${alice}/shares?worker=default`)).shares
      assert.deepStrictEqual(ofDefault, expected.slice(-1))
      const ofD = yield* pagesOf(get, `/api/v1/miners/${alice}/shares?limit=1&worker=b`, Effect.void)
      assert.deepStrictEqual(ofD, expected.slice(0, 5))
      assert.strictEqual((yield* get(`/api/v1/miners/${alice}/shares?worker=unknown`)).status, 404)
    })
  )

  it.effect("includes rows with the address in capitals, and rejects a cursor of another filter", () =>
    Effect.gen(function* () {
      const upper = alice.toUpperCase()
      const time = "2026-12-09T10:00:00.000001Z"
      const { get } = yield* served([
        ...ordered,
        { time, address: upper, worker: `${upper}.CAPS`, difficulty: 1, reached: 2 }
      ])
      const found = yield* pagesOf(get, `/api/v1/miners/${alice}/shares?limit=2`, Effect.void)
      const caps = { at: time, worker: "CAPS", difficulty: 1, reached: 2 }
      assert.deepStrictEqual(found, [...expected.slice(0, 6), caps, ...expected.slice(6)])
      const page = yield* get(`/api/v1/miners/${alice}/shares?limit=1`)
      const { next_cursor } = Object(yield* Effect.promise(() => page.json()))
      const other = yield* get(`/api/v1/miners/${alice}/shares?worker=b&cursor=${next_cursor}`)
      assert.strictEqual(other.status, 422)
    })
  )
})
