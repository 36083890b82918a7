import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { Board } from "../../../src/domain/weeks/Board.ts"
import { miningRoutes } from "../../support/mining/MiningRoutes.ts"

const insert = (count: number) => `
  WITH added AS (
    INSERT INTO tbg_api.mining_addresses (address, shares)
    SELECT 'bc1q' || md5(n::text), 1 FROM generate_series(1, ${count}) n RETURNING id
  )
  INSERT INTO tbg_api.mining_week_miners (week, address_id, shares, work, best, best_at, last_day, version)
  SELECT '2026-12-07', id, 1, 64, id, '2026-12-08T00:00:00Z', '2026-12-08', 1 FROM added`

const update = `UPDATE tbg_api.mining_week_miners SET best = 1e9 + address_id, version = 2`
const advance = "UPDATE tbg_api.mining_week_state SET version = version + 1"

const served = Effect.fnUntraced(function* (options: Parameters<typeof miningRoutes>[0] = {}) {
  const made = yield* miningRoutes(options)
  const run = (statement: string) =>
    Effect.provide(
      Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(statement)),
      made.client
    )
  const board = Effect.map(made.read("/api/v1/leaderboard?limit=1"), (page) => {
    const { entries, total } = Object(page)
    return { total, first: entries[0]?.value }
  })
  return { ...made, run, board }
})

describe("boards in memory", () => {
  it.effect("follow the fold every 250 ms", () =>
    Effect.gen(function* () {
      const { board, boards, run } = yield* served({ boardsEvery: "250 millis" })
      const before = yield* boards.version
      yield* run(insert(3))
      yield* run(advance)
      assert.deepStrictEqual(yield* board, { total: 0, first: undefined })
      yield* TestClock.adjust("250 millis")
      // The read is on its way; each question here is a round trip to the database.
      yield* Effect.repeat(Effect.andThen(run("SELECT 1"), boards.version), { until: (version) => version !== before })
      assert.strictEqual((yield* board).total, 3)
    })
  )

  it.effect("have other leaders after a new value, but not after more shares", () =>
    Effect.gen(function* () {
      const { boards, run } = yield* served()
      const changed = Effect.fnUntraced(function* (statement: string) {
        const before = yield* boards.leaders
        yield* run(statement)
        yield* run(advance)
        yield* boards.refresh
        const after = yield* boards.leaders
        return Board.literals.filter((board) => after[board] !== before[board])
      })
      assert.deepStrictEqual(yield* changed(insert(3)), ["difficulty", "work"])
      const set = (change: string) =>
        `UPDATE tbg_api.mining_week_miners m SET ${change}, version = s.version + 1 FROM tbg_api.mining_week_state s`
      assert.deepStrictEqual(yield* changed(set("shares = m.shares + 1")), [])
      assert.deepStrictEqual(yield* changed(set("best = m.best + 1")), ["difficulty"])
      assert.deepStrictEqual(yield* changed(set("work = m.work + 1")), ["work"])
    })
  )

  it.effect("are read again in whole if more changed than is applied one by one, or if the version went back", () =>
    Effect.gen(function* () {
      const { board, boards, run } = yield* served()
      yield* run(insert(12_000))
      yield* run(advance)
      yield* boards.refresh
      const { first, total } = yield* board
      assert.strictEqual(total, 12_000)
      yield* run(update)
      yield* run(advance)
      yield* boards.refresh
      assert.deepStrictEqual(yield* board, { total: 12_000, first: 1e9 + first })
      yield* run("DELETE FROM tbg_api.mining_week_miners WHERE best > 1e9 + 7")
      yield* run("UPDATE tbg_api.mining_week_state SET version = 1")
      yield* boards.refresh
      assert.strictEqual((yield* board).total, 7 - (first - 12_000))
    })
  )

  it.effect("keep their last state while they cannot be read", () =>
    Effect.gen(function* () {
      const { board, boards, run } = yield* served()
      yield* run(insert(2))
      yield* run(advance)
      yield* boards.refresh
      yield* run("ALTER TABLE tbg_api.mining_week_state RENAME TO gone")
      assert.strictEqual((yield* Effect.exit(boards.refresh))._tag, "Failure")
      assert.strictEqual((yield* board).total, 2)
    })
  )
})
