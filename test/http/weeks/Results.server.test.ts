import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { createHash } from "node:crypto"
import type { Entry } from "../../../src/domain/weeks/Leaderboard.ts"
import { textOf } from "../../support/mining/ExpectedRates.ts"
import { now } from "../../support/mining/MiningRoutes.ts"
import type { StoredShare } from "../../support/mining/StoredShares.ts"
import { day, expectedBoard, rounded } from "../../support/weeks/ExpectedBoards.ts"
import { ada, gameRoutes, lastWeek, miners, players, thisWeek } from "../../support/weeks/GameRoutes.ts"

const boards = ["difficulty", "work", "luck"] as const
const weeks = [
  ["2026-W50", thisWeek, "open"],
  ["2026-W49", lastWeek, "final"]
] as const

const best = (shares: ReadonlyArray<StoredShare>) => {
  const [first] = shares.toSorted((a, b) => b.reached - a.reached)
  return first === undefined ? null : { difficulty: first.reached, at: textOf(first.at), worker: first.worker }
}

const within = (shares: ReadonlyArray<StoredShare>, start: number, days: number) =>
  shares.filter(({ at }) => at >= start && at < start + days * day)

const network = `INSERT INTO tbg_api.mining_network (height, hash, difficulty, at)
  VALUES (900000, 'aa', 2000, '2026-12-01T00:00:00Z'), (900001, 'bb', 4000, '2026-12-08T12:00:00Z')`

const difficultyAt = (time: string): number | null => {
  if (time < "2026-12-01") return null
  return time < "2026-12-08T12" ? 2000 : 4000
}

const found = `INSERT INTO tbg_api.mining_blocks (height, hash, found_at) VALUES (900000, 'b1', '2026-12-08T00:00:00Z'),
  (900001, 'b2', '2026-12-09T00:00:00Z'), (899000, 'b3', '2026-12-01T00:00:00Z')`
const orphaned = `INSERT INTO public.blocks (block_height, block_hash, confirmations)
  VALUES (900001, 'b2', -1)`

const sha256 = (...parts: ReadonlyArray<string | Buffer>) => {
  const hash = createHash("sha256")
  for (const part of parts) hash.update(part)
  return hash.digest("hex")
}

describe("GET /api/v1/miners/{address}/weeks", () => {
  it.effect("has the results that single shares give for each week, newest first", () =>
    Effect.gen(function* () {
      const { read, run, sessions, shares } = yield* gameRoutes()
      yield* run(network)
      const expectedBoards = weeks.map(([, monday]) =>
        boards.map((board) => expectedBoard(board, shares, players, { monday, at: now }))
      )
      for (const address of miners) {
        const own = shares.filter((share) => share.address === address)
        const owner = players.find(({ addresses }) => addresses.includes(address))
        const expected = weeks.flatMap(([week, monday, status], index) => {
          const inWeek = within(own, monday, 7)
          const top = best(inWeek)
          if (top === null) return []
          const days = Array.from({ length: 7 }, (_, index) => monday + index * day).filter((start) => start <= now)
          const [byBest, byWork, byLuck] = expectedBoards[index] ?? []
          const isOwn = (other: { readonly address: string }) => other.address === address
          const difficulty = byBest?.find(isOwn)?.entry
          const work = byWork?.find(isOwn)?.entry
          const luck = byLuck?.find((other) => owner?.addresses.includes(other.address))?.entry
          const network_difficulty = difficultyAt(top.at)
          return [
            {
              week,
              status,
              shares: inWeek.length,
              days: days.map((start) => ({
                day: DateTime.formatIsoDateUtc(DateTime.makeUnsafe(start)),
                best: best(within(own, start, 1))
              })),
              best: top,
              work: work?.value,
              luck: luck?.value ?? null,
              ranks: { difficulty: difficulty?.rank, work: work?.rank, luck: luck?.rank ?? null },
              network_difficulty,
              progress: network_difficulty && top.difficulty / network_difficulty
            }
          ]
        })
        const {
          as_of,
          lag_ms,
          next_cursor,
          weeks: results
        } = Object(yield* read(`/api/v1/miners/${address}/weeks`, sessions.bela))
        assert.deepStrictEqual([as_of, lag_ms, next_cursor], ["2026-12-09T10:17:23.456000Z", 0, null])
        assert.deepStrictEqual(
          results.map((result: { luck: number | null; salt: string | null }) => {
            const { luck, salt, ...rest } = result
            assert.strictEqual(salt === null, Object(result).status === "open")
            return { ...rest, luck: luck === null ? null : rounded(luck) }
          }),
          expected,
          address
        )
        const first = Object(yield* read(`/api/v1/miners/${address}/weeks?limit=1`, sessions.bela))
        assert.deepStrictEqual(first.weeks, results.slice(0, 1))
        assert.strictEqual(first.next_cursor === null, results.length < 2)
      }
    })
  )
})

describe("GET /api/v1/weeks/{week}", () => {
  it.effect("has the totals and winners that single shares give", () =>
    Effect.gen(function* () {
      const { read, run, shares } = yield* gameRoutes()
      yield* run(found)
      yield* run(orphaned)
      for (const [week, monday, status] of weeks) {
        const { digest, ...report } = Object(yield* read(`/api/v1/weeks/${week}`))
        const inWeek = within(shares, monday, 7)
        for (const board of boards) {
          assert.deepStrictEqual(
            report.winners[board].map((entry: { value: number }) => ({ ...entry, value: rounded(entry.value) })),
            expectedBoard(board, shares, players, { monday, at: now })
              .map(({ entry }) => entry)
              .filter(({ rank }) => rank === 1),
            `${week} ${board}`
          )
        }
        assert.strictEqual(typeof digest, status === "final" ? "string" : "object")
        assert.deepStrictEqual(report, {
          week,
          status,
          starts_at: textOf(monday),
          ends_at: textOf(monday + 7 * day),
          closed_at: status === "final" ? textOf(now) : null,
          totals: {
            miners: new Set(inWeek.map(({ address }) => address)).size,
            shares: inWeek.length,
            work: inWeek.reduce((sum, { difficulty }) => sum + difficulty, 0),
            blocks: 1
          },
          winners: report.winners,
          amendments: [],
          amendments_total: 0,
          as_of: "2026-12-09T10:17:23.456000Z",
          lag_ms: 0
        })
      }
    })
  )

  it.effect("has a digest that pages of the final boards give, with the hash of a miner from its salt", () =>
    Effect.gen(function* () {
      const { read } = yield* gameRoutes()
      const { digest } = Object(yield* read("/api/v1/weeks/2026-W49"))
      const pages = yield* Effect.forEach(boards, (board) =>
        Effect.map(read(`/api/v1/leaderboard?board=${board}&week=2026-W49&limit=100`), (page) => {
          const { entries, hashes } = Object(page)
          return entries.map(({ address, rank, value }: Entry, index: number) => ({
            address,
            hash: hashes[index],
            line: `${board},${rank},${value},${hashes[index]}\n`
          }))
        })
      )
      const [own] = ada.addresses
      const { salt } = Object(yield* read(`/api/v1/miners/${own}/weeks`)).weeks[1]
      const hashes = pages.flat().filter(({ address }) => address === own)
      assert.isAtLeast(hashes.length, 2)
      for (const { hash } of hashes) assert.strictEqual(hash, sha256(Buffer.from(salt, "hex"), own))
      const lines = pages.flat().map(({ line }) => line)
      assert.strictEqual(digest, sha256(lines.join("")))
    })
  )

  it.effect("lists the corrections of a final week, whose boards do not change", () =>
    Effect.gen(function* () {
      const { fold, read, run } = yield* gameRoutes()
      const paths = boards.map((board) => `/api/v1/leaderboard?board=${board}&week=2026-W49&limit=100`)
      const pages = Effect.forEach(paths, (path) => read(path))
      const before = yield* pages
      const [address = ""] = miners.slice(9)
      yield* run(`UPDATE tbg_api.mining_work_1d SET best = 1e9, best_at = '2026-12-02T03:04:05.123456Z'
        WHERE bucket = '2026-12-02T00:00:00Z' AND difficulty = 8 AND worker_id = (
          SELECT w.id FROM tbg_api.mining_workers w JOIN tbg_api.mining_addresses a ON a.id = w.address_id
          WHERE a.address = '${address}' AND w.name = 'rig1')`)
      yield* fold
      assert.deepStrictEqual(yield* pages, before)
      const report = Object(yield* read("/api/v1/weeks/2026-W49"))
      const frozen = Object(before[0]).entries.find((entry: { address: string }) => entry.address === address)
      const work = Object(before[1]).entries.find((entry: { address: string }) => entry.address === address)
      assert.deepStrictEqual(
        report.amendments.map(({ at: _at, ...amendment }: { at: string }) => amendment),
        [
          { board: "work", before: work.value, before_at: work.at, after: work.value },
          { board: "difficulty", before: frozen.value, before_at: frozen.at, after: 1e9 }
        ].map((amendment) => ({ name: null, address, ...amendment, after_at: "2026-12-02T03:04:05.123456Z" }))
      )
      assert.strictEqual(report.amendments_total, 2)
    })
  )
})
