import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { now } from "../../support/mining/MiningRoutes.ts"
import { expectedBoard, rounded } from "../../support/weeks/ExpectedBoards.ts"
import { bela, gameRoutes, lastWeek, miners, players, thisWeek } from "../../support/weeks/GameRoutes.ts"

const boards = ["difficulty", "work", "luck"] as const
const weeks = [
  ["2026-W50", thisWeek, "open"],
  ["2026-W49", lastWeek, "final"]
] as const

const entryOf = (found: unknown) => {
  const entry = Object(found)
  return { ...entry, value: rounded(entry.value) }
}

describe("GET /api/v1/leaderboard", () => {
  it.effect("has the entries that single shares give, for each board of an open and of a final week", () =>
    Effect.gen(function* () {
      const { entriesOf, read, shares } = yield* gameRoutes()
      for (const [week, monday, status] of weeks) {
        for (const board of boards) {
          const expected = expectedBoard(board, shares, players, { monday, at: now })
          const title = `${week} ${board}`
          const found = yield* entriesOf(`board=${board}&week=${week}&limit=7`)
          assert.deepStrictEqual(
            found.map(entryOf),
            expected.map(({ entry }) => entry),
            title
          )
          const page = Object(yield* read(`/api/v1/leaderboard?board=${board}&week=${week}`))
          assert.deepStrictEqual([page.week, page.status, page.total], [week, status, expected.length], title)
          assert.deepStrictEqual([page.as_of, page.lag_ms], ["2026-12-09T10:17:23.456000Z", 0], title)
        }
      }
      assert.deepStrictEqual(yield* read("/api/v1/leaderboard"), {
        ...Object(yield* read("/api/v1/leaderboard?board=difficulty&week=2026-W50&limit=20"))
      })
    })
  )
})

describe("GET /api/v1/leaderboard/miners/{address}", () => {
  it.effect("has the entry of each miner with its neighbors and percentile, or 404 if it is not on the board", () =>
    Effect.gen(function* () {
      const { get, read, sessions, shares } = yield* gameRoutes()
      for (const board of boards) {
        const expected = expectedBoard(board, shares, players, { monday: thisWeek, at: now, viewer: bela })
        const entries = expected.map(({ entry }) => entry)
        const indexes = miners.map((address) => {
          const owner = players.find(({ addresses }) => addresses.includes(address))
          const own = board === "luck" ? (owner?.addresses ?? []) : [address]
          return [address, expected.findIndex((other) => own.includes(other.address))] as const
        })
        for (const [address, index] of indexes.filter(([, index]) => index >= 0)) {
          const path = `/api/v1/leaderboard/miners/${address}?board=${board}`
          const { above, below, entry, percentile, total, week } = Object(yield* read(path, sessions.bela))
          const own = entries[index]
          assert.deepStrictEqual(entryOf(entry), own, path)
          assert.deepStrictEqual(above.map(entryOf), entries.slice(Math.max(0, index - 5), index), path)
          assert.deepStrictEqual(below.map(entryOf), entries.slice(index + 1, index + 6), path)
          const lower = entries.filter(({ value }) => value < (own?.value ?? 0)).length
          assert.strictEqual(percentile, lower / (entries.length - 1), path)
          assert.deepStrictEqual([week, total], ["2026-W50", entries.length])
        }
        const absent = indexes.filter(([, index]) => index < 0)
        assert.strictEqual(absent.length, board === "luck" ? 11 : 0)
        for (const [address] of absent) {
          assert.strictEqual(
            (yield* get(`/api/v1/leaderboard/miners/${address}?board=luck`, sessions.bela)).status,
            404
          )
        }
      }
    })
  )
})
