import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Lease } from "../../../src/services/mining/Leadership.ts"
import { blocksFound } from "../../../src/services/mining/PoolBlocks.ts"
import { Projection } from "../../../src/services/mining/Projection.ts"
import { WeekFold } from "../../../src/services/weeks/WeekFold.ts"
import { entryOf, second, start } from "../../support/mining/Entries.ts"
import { takeLease } from "../../support/mining/MiningServices.ts"
import { day, naiveDigest, naiveEntries, naiveRanks } from "../../support/weeks/NaiveBoards.ts"
import {
  accountId,
  comparable,
  dateOf,
  makePlay,
  setTime,
  settle,
  weekServices,
  withOwnClock
} from "../../support/weeks/Play.ts"
import { accountOf, season } from "../../support/weeks/Season.ts"
import type { SeasonWeek } from "../../support/weeks/Season.ts"
import { storedAmendments, storedRanks, storedWeek } from "../../support/weeks/StoredBoards.ts"

const minute = 60 * second
const weeks = 52

type Play = Effect.Success<ReturnType<typeof makePlay>>
type Position = { readonly board: string; readonly address: string; readonly account: string | null }

const keyOf = ({ account, address, board }: Position): string => `${board} ${account ?? address}`

/** Finds a block in a week; the network keeps it in every other week. */
const findBlock = Effect.fnUntraced(function* (lease: Lease, address: string, at: number, index: number) {
  const { apply } = yield* Projection
  const height = 1000 + 10 * index
  const hash = `${index}`.padStart(64, "a")
  const found = { user: address, worker: `${address}.rig`, height, hash, diff: 0, network_diff: 0 }
  const next = { height: height + 1, hash: `${index}`.padStart(64, "b"), diff: 1e9 }
  const previous = index % 2 === 0 ? hash : `${index}`.padStart(64, "c")
  yield* apply(
    lease,
    [
      entryOf("block_found", at - start, found),
      entryOf("new_block_network", at - start + second, { ...next, prev_hash: previous })
    ],
    true
  )
})

/** Compares the frozen board with the naive one, and its digest. */
const checkClosed = Effect.fnUntraced(function* (monday: number, play: Play) {
  const week = dateOf(monday)
  const sunday = monday + 6 * day
  const players = play.playersAt(monday, sunday)
  const naive = naiveRanks(naiveEntries(play.counted(monday), monday, sunday, players))
  const ranks = yield* storedRanks(week)
  assert.deepStrictEqual(comparable(ranks), comparable(naive), week)
  const { digest, salt, status } = (yield* storedWeek(week)) ?? {}
  assert.deepStrictEqual([status, digest], ["final", naiveDigest(ranks, salt ?? new Uint8Array())])
  return { players, ranks }
})

/** Applies the amendments to the frozen board, and compares it with the naive one. */
const checkAmended = Effect.fnUntraced(function* (
  monday: number,
  play: Play,
  { players, ranks }: Effect.Success<ReturnType<typeof checkClosed>>
) {
  const week = dateOf(monday)
  const values = new Map(ranks.map((rank) => [keyOf(rank), { value: rank.value, at: rank.at }]))
  const amendments = yield* storedAmendments(week)
  for (const { after, afterAt, before, beforeAt, ...entry } of amendments) {
    const known = values.get(keyOf(entry))
    assert.deepStrictEqual([before, beforeAt], [known?.value ?? null, known?.at ?? null])
    if (after === null || afterAt === null) values.delete(keyOf(entry))
    else values.set(keyOf(entry), { value: after, at: afterAt })
  }
  const naive = naiveEntries(play.counted(monday), monday, monday + 6 * day, players)
  assert.deepStrictEqual(
    comparable([...values].map(([key, { at, value }]) => ({ key, value, at }))),
    comparable(naive.map((entry) => ({ key: keyOf(entry), value: entry.value, at: entry.at }))),
    week
  )
  assert.deepStrictEqual(yield* storedRanks(week), ranks)
  return amendments.length
})

/** Plays a week, and checks its boards before, at and after its closing. */
const playWeek = Effect.fnUntraced(function* (played: SeasonWeek, index: number, play: Play, lease: Lease) {
  const { monday } = played
  const end = monday + 7 * day
  const steps = [
    [monday + 2.5 * day, played.untilWednesday, monday + 2 * day],
    [end - minute, played.untilSunday, end - day],
    [end + 5 * minute, played.late, undefined],
    [end + 10 * minute - 20 * second, played.replacements, undefined]
  ] as const
  for (const [now, shares, today] of steps) {
    yield* setTime(now)
    yield* play.arrive(shares)
    yield* settle(lease)
    if (today !== undefined) yield* play.checkOpen(monday, today)
  }
  yield* findBlock(lease, played.untilWednesday[0]?.address ?? "", monday + day, index)
  assert.strictEqual((yield* storedWeek(dateOf(monday)))?.status, "open")

  yield* setTime(end + 10 * minute)
  yield* settle(lease)
  const closed = yield* checkClosed(monday, play)

  yield* setTime(end + 360 * minute)
  yield* play.arrive(played.afterClosing)
  yield* settle(lease)
  return { ...closed, amendments: yield* checkAmended(monday, play, closed) }
})

layer(weekServices, { excludeTestServices: true })("WeekFold over a season", (it) => {
  it.effect(
    "stores the boards of 52 weeks that a naive recomputation from single shares gives",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const { addresses, weeks: played } = yield* season("season", weeks)
        const lease = yield* takeLease
        yield* (yield* WeekFold).begin
        const play = yield* makePlay(lease)
        for (const [index, address] of addresses.entries()) {
          const account = accountOf[index]
          if (account !== undefined) yield* play.addAccount(address, accountId(account), account !== 1)
        }
        const results = []
        for (const [index, week] of played.entries()) {
          results.push(yield* playWeek(week, index, play, lease))
          // Another address of an account that plays already.
          if (index === 20) yield* play.addAccount(addresses[9] ?? "", accountId(3))
        }
        // The season has what makes the comparison hard.
        const luck = results.flatMap(({ ranks }) => ranks.filter(({ board }) => board === "luck"))
        const tied = results.filter(({ ranks }) => ranks.some(({ position, rank }) => rank < position))
        const suspects = results.filter(({ players }) => players.suspects.size > 0)
        const amended = results.filter(({ amendments }) => amendments > 0)
        assert.isAbove(luck.length, 80)
        assert.isAbove(luck.filter(({ account }) => account === accountId(1)).length, 5)
        assert.isAbove(Math.min(tied.length, amended.length), 40)
        assert.isAbove(suspects.length, 10)
        assert.deepStrictEqual(yield* sql`SELECT ${blocksFound(sql)}::int AS blocks`, [{ blocks: weeks / 2 }])
      }).pipe(withOwnClock),
    { timeout: 120_000 }
  )
})
