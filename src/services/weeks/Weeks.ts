import { Clock, Context, DateTime, Effect, Layer } from "effect"
import { MinerNotFound } from "../../domain/mining/Miner.ts"
import { timestampOf } from "../../domain/Timestamp.ts"
import { WeekUnknown } from "../../domain/weeks/Board.ts"
import type { Board } from "../../domain/weeks/Board.ts"
import type { WeekReport, WeekResult } from "../../domain/weeks/Results.ts"
import { endOf, idOf, startOf, weekOf } from "../../domain/weeks/Week.ts"
import type { Monday } from "../../domain/weeks/Week.ts"
import { traced } from "../Traced.ts"
import { Boards } from "./Boards.ts"
import { makeNaming } from "./Naming.ts"
import { OpenBoards } from "./OpenBoards.ts"
import { makeWeekRows } from "./WeekRows.ts"
import type { MinerWeek, WeekFacts } from "./WeekRows.ts"

export interface HistoryRequest {
  readonly limit: number
  /** Only earlier weeks. */
  readonly before: Monday | undefined
}

/** A page of weeks; `next` is its last week if another page follows. */
export interface HistoryPage {
  readonly weeks: ReadonlyArray<WeekResult>
  readonly next: Monday | undefined
}

/** Report on a week, without the age of the data. */
export type Report = Omit<WeekReport, "as_of" | "lag_ms">

/** Maximum numbers of winners per board and of amendments in a report. */
const limits = { winners: 100, amendments: 100 }

/** The current week before its first share. */
const emptyWeek: WeekFacts = {
  status: "open",
  closed_at: null,
  digest: null,
  miners: 0,
  shares: 0,
  work: 0,
  amendments: 0
}

const dayMillis = 86_400_000

/** Dates of a week until now. */
const datesOf = (week: Monday, now: number): ReadonlyArray<string> =>
  Array.from({ length: 7 }, (_, day) => startOf(week) + day * dayMillis)
    .filter((start) => start <= now)
    .map((start) => DateTime.formatIsoDateUtc(DateTime.makeUnsafe(start)))

const make = Effect.gen(function* () {
  const boards = yield* Boards
  const open = yield* OpenBoards
  const rows = yield* makeWeekRows
  const withNames = yield* makeNaming

  /** Luck and ranks in a week, from memory while it is open. */
  const standingOf = Effect.fnUntraced(function* (address: string, row: MinerWeek) {
    if (row.status === "final") {
      const ranks = { difficulty: row.difficulty_rank, work: row.work_rank, luck: row.luck_rank }
      return { luck: row.luck, ranks }
    }
    const standings = yield* open.boardsOf(row.week)
    const luck = standings?.luck.find(row.account ?? "")
    const ranks = {
      difficulty: standings?.difficulty.find(address)?.rank ?? null,
      work: standings?.work.find(address)?.rank ?? null,
      luck: luck?.rank ?? null
    }
    return { luck: luck?.value ?? null, ranks }
  })

  const history = Effect.fnUntraced(function* (address: string, { before, limit }: HistoryRequest) {
    const id = yield* rows.addressIdOf(address)
    if (id === undefined) return yield* new MinerNotFound({ address })
    const now = yield* Clock.currentTimeMillis
    const found = yield* rows.ofMiner(id, before, limit + 1)
    const weeks = yield* Effect.forEach(
      found.slice(0, limit),
      Effect.fnUntraced(function* (row) {
        const bests = new Map(row.days.map(({ best, day }) => [day, best]))
        const { network_difficulty } = row
        return {
          week: idOf(row.week),
          status: row.status,
          shares: row.shares,
          days: datesOf(row.week, now).map((day) => ({ day, best: bests.get(day) ?? null })),
          best: row.best,
          work: row.work,
          ...(yield* standingOf(address, row)),
          network_difficulty,
          progress: row.best === null || network_difficulty === null ? null : row.best.difficulty / network_difficulty,
          salt: row.salt
        }
      })
    )
    return { weeks, next: found.length > limit ? found[limit - 1]?.week : undefined }
  })

  const openTotals = Effect.fnUntraced(function* (week: Monday) {
    const standings = (yield* open.boardsOf(week))?.work
    const { shares, value: work } = standings?.totals ?? { shares: 0, value: 0 }
    return { miners: standings?.size ?? 0, shares, work }
  })

  const report = Effect.fnUntraced(function* (week: Monday) {
    const winnersOf = (board: Board) =>
      Effect.map(boards.page(board, week, { limit: limits.winners }), ({ entries }) =>
        entries.filter(({ rank }) => rank === 1)
      )
    const winners = yield* Effect.all(
      { difficulty: winnersOf("difficulty"), work: winnersOf("work"), luck: winnersOf("luck") },
      { concurrency: "unbounded" }
    )
    const facts = yield* rows.factsOf(week)
    if (facts === undefined && week !== weekOf(yield* Clock.currentTimeMillis)) {
      return yield* new WeekUnknown({ week: idOf(week) })
    }
    const { amendments, closed_at, digest, status, ...frozen } = facts ?? emptyWeek
    const [starts_at, ends_at] = [timestampOf(startOf(week) * 1000), timestampOf(endOf(week) * 1000)]
    const totals = status === "open" ? yield* openTotals(week) : frozen
    return {
      week: idOf(week),
      status,
      starts_at,
      ends_at,
      closed_at,
      totals: { ...totals, blocks: yield* rows.blocksBetween(starts_at, ends_at) },
      winners,
      digest,
      amendments: yield* withNames(yield* rows.amendmentsOf(week, limits.amendments)),
      amendments_total: amendments
    }
  })

  return { history: traced("Weeks.history", history), report: traced("Weeks.report", report) }
})

/** Results of weeks, for the whole pool and for a miner. */
export class Weeks extends Context.Service<
  Weeks,
  {
    /** Weeks in which an address sent shares, newest first. */
    readonly history: (address: string, request: HistoryRequest) => Effect.Effect<HistoryPage, MinerNotFound>
    readonly report: (week: Monday) => Effect.Effect<Report, WeekUnknown>
  }
>()("tbg-api/services/weeks/Weeks") {
  static readonly layer = Layer.effect(Weeks, make)
}
