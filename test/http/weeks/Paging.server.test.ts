import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { miningRoutes, now } from "../../support/mining/MiningRoutes.ts"
import { generatorOf } from "../../support/mining/SimulatedMiner.ts"
import { jsonOf } from "../../support/TestRoutes.ts"
import { day } from "../../support/weeks/ExpectedBoards.ts"
import { foldWeeks } from "../../support/weeks/FoldWeeks.ts"
import { thisWeek } from "../../support/weeks/GameRoutes.ts"

const size = 40

/** Routes over a board on which most entries are equal, in value or also in time. */
const tied = Effect.fnUntraced(function* (at = now) {
  const made = yield* miningRoutes({ at })
  const run = (statement: string) =>
    Effect.provide(
      Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(statement)),
      made.client
    )
  yield* run(`INSERT INTO tbg_api.mining_addresses (address, shares)
    SELECT 'bc1q' || md5(n::text), 1 FROM generate_series(1, ${size}) n`)
  yield* run("INSERT INTO tbg_api.mining_weeks (week) VALUES ('2026-12-07')")
  yield* run(`INSERT INTO tbg_api.mining_week_miners (week, address_id, shares, work, best, best_at, last_day, version)
    SELECT '2026-12-07', id, 1, 64, 100 * (id % 2), '2026-12-08T00:00:00.000001Z'::timestamptz + id % 3 * interval '1 microsecond',
      '2026-12-08', 1 FROM tbg_api.mining_addresses`)
  yield* run("UPDATE tbg_api.mining_week_state SET version = 1")
  yield* made.boards.refresh
  let version = 1
  /** Changes entries as the fold does. */
  const change = (set: string, where: string) =>
    Effect.gen(function* () {
      version += 1
      yield* run(`UPDATE tbg_api.mining_week_miners m SET ${set}, version = ${version}
        FROM tbg_api.mining_addresses a WHERE a.id = m.address_id AND ${where}`)
      yield* run(`UPDATE tbg_api.mining_week_state SET version = ${version}`)
      yield* made.boards.refresh
    })
  return { ...made, run, change }
})

interface Entry {
  readonly address: string
  readonly rank: number
  readonly value: number
}

describe("pages of a board", () => {
  it.effect("have each entry once that does not change, while equal and other entries move, leave and appear", () =>
    Effect.gen(function* () {
      const { change, read } = yield* tied()
      const random = generatorOf(35)
      const all: ReadonlyArray<Entry> = Object(yield* read("/api/v1/leaderboard?limit=100")).entries
      assert.lengthOf(all, size)
      for (let round = 0; round < 8; round++) {
        const moved = new Set<string>()
        const found: Array<string> = []
        let cursor = ""
        do {
          const { entries, next_cursor } = Object(yield* read(`/api/v1/leaderboard?limit=3${cursor}`))
          found.push(...entries.map(({ address }: Entry) => address))
          cursor = next_cursor === null ? "" : `&cursor=${next_cursor}`
          // The last entry of a page, of which the cursor is made, moves most often.
          const one = random() < 0.5 ? entries.at(-1).address : all[Math.floor(random() * size)]?.address
          const sets = [`best = ${random()}`, `best = ${100 + random()}`, "best = NULL, best_at = NULL, shares = 0"]
          moved.add(one)
          yield* change(sets[Math.floor(random() * 3)] ?? "", `a.address = '${one}'`)
        } while (cursor !== "")
        const staying = all.map(({ address }) => address).filter((address) => !moved.has(address))
        const seen = found.filter((address) => !moved.has(address))
        assert.deepStrictEqual(seen, staying, `round ${round}`)
        // All entries return to their places.
        yield* change(
          `shares = 1, best = 100 * (a.id % 2),
            best_at = '2026-12-08T00:00:00.000001Z'::timestamptz + a.id % 3 * interval '1 microsecond'`,
          "true"
        )
      }
    })
  )

  it.effect("continue on the frozen board if the week closes between two of them", () =>
    Effect.gen(function* () {
      const end = thisWeek + 7 * day
      const { client, get, read, run } = yield* tied(end + 9 * 60_000)
      yield* run(`INSERT INTO tbg_api.mining_workers (address_id, name) SELECT id, 'rig' FROM tbg_api.mining_addresses`)
      yield* run(`INSERT INTO tbg_api.mining_work_1d (worker_id, bucket, difficulty, shares, below, best, best_at)
        SELECT w.id, '2026-12-08T00:00:00Z', 64, 1, 0, m.best, m.best_at
        FROM tbg_api.mining_week_miners m JOIN tbg_api.mining_workers w ON w.address_id = m.address_id`)
      const path = "/api/v1/leaderboard?week=2026-W50&limit=7"
      const all = Object(yield* read("/api/v1/leaderboard?week=2026-W50&limit=100")).entries
      const first = Object(yield* read(path))
      assert.deepStrictEqual([first.status, first.entries], ["open", all.slice(0, 7)])
      yield* TestClock.setTime(end + 10 * 60_000)
      yield* Effect.provide(foldWeeks, client)
      const addresses: Array<string> = first.entries.map(({ address }: Entry) => address)
      let next = first.next_cursor
      while (next !== null) {
        const page = Object(yield* read(`${path}&cursor=${next}`))
        assert.strictEqual(page.status, "final")
        addresses.push(...page.entries.map(({ address }: Entry) => address))
        next = page.next_cursor
      }
      assert.deepStrictEqual(
        addresses,
        all.map(({ address }: Entry) => address)
      )
      const current = Object(yield* read("/api/v1/leaderboard"))
      assert.deepStrictEqual([current.week, current.entries, current.total], ["2026-W51", [], 0])
      assert.strictEqual((yield* get("/api/v1/weeks/2026-W51")).status, 200)
    })
  )

  it.effect("have cursors that only the same board and week accept, and a link to the next page", () =>
    Effect.gen(function* () {
      const { get, read } = yield* tied()
      const response = yield* get("/api/v1/leaderboard?limit=5")
      const { next_cursor } = Object(yield* jsonOf(response))
      const link = response.headers.get("link") ?? ""
      assert.strictEqual(
        link,
        `</api/v1/leaderboard?board=difficulty&week=2026-W50&limit=5&cursor=${next_cursor}>; rel="next"`
      )
      const [, path = ""] = /<([^>]+)>/.exec(link) ?? []
      assert.lengthOf(Object(yield* read(path)).entries, 5)
      for (const query of ["board=work", "board=luck", "week=2026-W49", "board=work&week=2026-W50"]) {
        const refused = yield* get(`/api/v1/leaderboard?${query}&cursor=${next_cursor}`)
        assert.strictEqual(refused.status, 422, query)
        assert.strictEqual(Object(yield* jsonOf(refused)).errors[0].path, "cursor")
      }
    })
  )
})
