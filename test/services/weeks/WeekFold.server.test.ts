import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { addressC, archive } from "../../support/mining/Archive.ts"
import { addressA, second, start } from "../../support/mining/Entries.ts"
import type { ShareFields } from "../../support/mining/Entries.ts"
import { Rebuild } from "../../../src/services/mining/Rebuild.ts"
import { firstLeader, newLeader } from "../../support/weeks/Leaders.ts"
import { day } from "../../support/weeks/NaiveBoards.ts"
import { accountId, link, setTime, weekServices, withOwnClock } from "../../support/weeks/Play.ts"
import { storedAmendments, storedEntries, storedWeek } from "../../support/weeks/StoredBoards.ts"

const minute = 60 * second
/** Monday of the tests, relative to `start`, a Sunday. */
const monday = day
const week = "2024-12-02"

const boardOf = (board: string) =>
  Effect.map(storedEntries(week, "2024-12-05"), (entries) =>
    entries.flatMap(({ address, value, ...entry }) => (entry.board === board ? [[address, value] as const] : []))
  )

const shares = (count: number, fields: ShareFields): ReadonlyArray<ShareFields> =>
  Array.from({ length: count }, (_, index) => ({
    ...fields,
    at: fields.at + index * 3 * second,
    reached: 1000 / (1 - (index + 0.5) / count)
  }))

layer(Rebuild.layer({ network: "regtest" }).pipe(Layer.provideMerge(weekServices)), { excludeTestServices: true })(
  "WeekFold",
  (it) => {
    it.effect("has a new best on the board after the first fold that follows its commit", () =>
      Effect.gen(function* () {
        const { next, send } = yield* firstLeader(monday + 3 * day)
        yield* send([{ at: monday }])
        yield* next
        assert.deepStrictEqual(yield* boardOf("difficulty"), [[addressA, 2000]])
        yield* send([{ at: monday + minute, reached: 9000 }])
        yield* next
        assert.deepStrictEqual(yield* boardOf("difficulty"), [[addressA, 9000]])
        assert.deepStrictEqual(yield* boardOf("work"), [[addressA, 2000]])
      }).pipe(withOwnClock)
    )

    it.effect("loses nothing if the leader is killed between a commit and its fold, also in a final week", () =>
      Effect.gen(function* () {
        const killed = yield* firstLeader(monday + 6 * day)
        yield* killed.send([{ at: monday }])
        yield* killed.settle
        yield* setTime(start + monday + 7 * day + 11 * minute)
        yield* killed.settle
        assert.strictEqual((yield* storedWeek(week))?.status, "final")
        yield* killed.send([
          { at: monday + minute, reached: 9000 },
          { at: monday + 7 * day, reached: 3000 }
        ])
        const { fold, lease, settle } = yield* newLeader("second")
        assert.strictEqual((yield* Effect.flip(killed.next))._tag, "LeadershipLost")
        yield* fold.begin
        yield* fold.next(lease)
        assert.deepInclude((yield* storedEntries("2024-12-09", "2024-12-09"))[0], { board: "difficulty", value: 3000 })
        yield* settle
        assert.deepStrictEqual(
          (yield* storedAmendments(week)).map(({ after, before, board }) => [board, before, after]),
          [
            ["difficulty", 2000, 9000],
            ["work", 1000, 2000]
          ]
        )
      }).pipe(withOwnClock)
    )

    it.effect("changes the version of changed rows only, and a new leader changes none", () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const versions = sql`
          SELECT a.address, m.version::int FROM tbg_api.mining_week_miners m
          JOIN tbg_api.mining_addresses a ON a.id = m.address_id ORDER BY m.version`
        const { next, send } = yield* firstLeader(monday + 3 * day)
        yield* send([{ at: monday }])
        yield* next
        yield* send([{ at: monday, address: addressC }])
        yield* next
        const before = yield* versions
        assert.deepStrictEqual(before, [
          { address: addressA, version: 1 },
          { address: addressC, version: 2 }
        ])
        const second = yield* newLeader("second")
        yield* second.fold.begin
        yield* second.settle
        assert.deepStrictEqual(yield* versions, before)
      }).pipe(withOwnClock)
    )

    it.effect(
      "counts the addresses of an account as one, also one that it adds during the week, but not after it",
      () =>
        Effect.gen(function* () {
          const { send, settle } = yield* firstLeader(monday + 3 * day)
          yield* link(addressA, accountId(1), false)
          yield* send([...shares(99, { at: monday }), { at: monday, address: addressC, reached: 500_000 }])
          yield* settle
          assert.deepStrictEqual(yield* boardOf("luck"), [])
          yield* link(addressC, accountId(1))
          yield* settle
          const luck = (1 - 1000 / 500_000) ** 100
          const [[address, value] = []] = yield* boardOf("luck")
          assert.strictEqual(address, addressC)
          assert.closeTo(value ?? 0, luck, 1e-12)
          yield* setTime(start + monday + 7 * day + 11 * minute)
          yield* settle
          const sql = yield* SqlClient.SqlClient
          yield* sql`DELETE FROM tbg_api.account_addresses WHERE address = ${addressC}`
          yield* send([{ at: monday + minute, address: addressC, reached: 600_000 }])
          yield* settle
          const amendments = (yield* storedAmendments(week)).filter(({ board }) => board === "luck")
          assert.deepStrictEqual(
            amendments.map(({ account, address }) => [account, address]),
            [[accountId(1), addressC]]
          )
          assert.closeTo(amendments[0]?.after ?? 0, (1 - 1000 / 600_000) ** 101, 1e-12)
        }).pipe(withOwnClock)
    )

    it.effect("closes a week only when no event of it is known to be waiting, but at the latest after a day", () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const { send, settle } = yield* firstLeader(monday + 6 * day)
        yield* send([{ at: monday }])
        const end = start + monday + 7 * day
        yield* sql`
          INSERT INTO tbg_api.mining_gaps (reason, from_at, to_at, next_at, created_at)
          VALUES ('trimmed', '2024-12-08 23:00:00+00', '2024-12-09 01:00:00+00', '2024-12-09 01:00:00+00', now())`
        yield* setTime(end + 20 * minute)
        yield* settle
        assert.strictEqual((yield* storedWeek(week))?.status, "open")
        yield* sql`UPDATE tbg_api.mining_gaps SET finished_at = now()`
        yield* sql`UPDATE tbg_api.mining_state SET pending_since = '2024-12-08 23:59:00+00'`
        yield* settle
        assert.strictEqual((yield* storedWeek(week))?.status, "open")
        yield* setTime(end + day)
        yield* settle
        assert.strictEqual((yield* storedWeek(week))?.status, "final")
      }).pipe(withOwnClock)
    )

    it.effect("follows a rebuild of the daily rows: changes the open week, and amends a final one", () =>
      Effect.gen(function* () {
        const { begin, next } = yield* Rebuild
        const { send, settle } = yield* firstLeader(monday + 6 * day)
        const kept = { at: monday, reached: 2000 }
        yield* send([kept, { at: monday + minute, reached: 9000 }, { at: monday, address: addressC }])
        yield* setTime(start + monday + 7 * day + 11 * minute)
        const open = { at: monday + 7 * day, reached: 4000 }
        yield* send([open])
        yield* settle
        yield* archive([kept, open, { ...open, at: open.at + minute, reached: 5000 }])
        const { id } = yield* begin
        yield* Effect.repeat(next(id), { until: (isFinished) => isFinished })
        yield* settle
        // Ordered by the ids of addresses, which the database assigns in any order.
        const amendments = yield* storedAmendments(week)
        assert.deepStrictEqual(
          Object.fromEntries(
            amendments.map(({ address, after, before, board }) => [`${address} ${board}`, [before, after]])
          ),
          {
            [`${addressA} difficulty`]: [9000, 2000],
            [`${addressA} work`]: [2000, 1000],
            [`${addressC} difficulty`]: [2000, null],
            [`${addressC} work`]: [1000, null]
          }
        )
        assert.deepStrictEqual(
          (yield* storedEntries("2024-12-09", "2024-12-09")).map(({ board, value }) => [board, value]),
          [
            ["difficulty", 5000],
            ["work", 2000]
          ]
        )
        assert.deepStrictEqual(yield* boardOf("difficulty"), [[addressA, 2000]])
      }).pipe(withOwnClock)
    )
  }
)
