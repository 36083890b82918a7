import { Clock, Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Timestamp } from "../../domain/Timestamp.ts"
import { NotOnBoard, WeekUnknown } from "../../domain/weeks/Board.ts"
import type { Board } from "../../domain/weeks/Board.ts"
import type { Entry, Leaderboard, Neighborhood } from "../../domain/weeks/Leaderboard.ts"
import { idOf, startOf, weekOf } from "../../domain/weeks/Week.ts"
import type { Monday, WeekId } from "../../domain/weeks/Week.ts"
import { rowsOf } from "../mining/Rows.ts"
import { reads } from "../Reads.ts"
import { traced } from "../Traced.ts"
import { makeFinalBoards } from "./FinalBoards.ts"
import { makeNaming } from "./Naming.ts"
import { OpenBoards } from "./OpenBoards.ts"

/** Place of an entry in the total order of a board: higher value, earlier time, address. */
export const Place = Schema.Struct({
  value: Schema.Finite,
  at: Timestamp,
  address: Schema.String,
  /** Index from 1 on the board of a final week. */
  position: Schema.optionalKey(Schema.Int)
})
export type Place = typeof Place.Type

export interface BoardPageRequest {
  readonly limit: number
  readonly after?: Place | undefined
}

/** A page of a board; `next` is the place of its last entry if another page follows. */
export interface BoardPage extends Omit<Leaderboard, "next_cursor" | "as_of" | "lag_ms"> {
  readonly next: Place | undefined
}

/** Entries in a live `board` event. */
export const leaderCount = 10

/** Entries on each side of a miner. */
const neighbors = 5

/** Row of a board before names are added and addresses hidden. */
type Row = Place & Pick<Entry, "rank" | "rank_change" | "shares">

const entryOf = ({ address, at, name, rank, rank_change, shares, value }: Entry): Entry => ({
  rank,
  rank_change,
  name,
  address,
  value,
  at,
  shares
})

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { short } = yield* reads
  const open = yield* OpenBoards
  const finals = yield* makeFinalBoards
  const withNames = yield* makeNaming
  const owners = rowsOf(Schema.Struct({ account: Schema.String }))

  /** Entries of a page from rows that were read with `limit + 1`, and the last row if another page follows. */
  const pageOf = Effect.fnUntraced(function* <R extends Row>(rows: ReadonlyArray<R>, limit: number) {
    const page = rows.slice(0, limit)
    const entries = (yield* withNames(page)).map(entryOf)
    return { page, entries, last: rows.length > limit ? page.at(-1) : undefined }
  })

  const openPage = Effect.fnUntraced(function* (board: Board, week: Monday, { after, limit }: BoardPageRequest) {
    const boards = yield* open.boardsOf(week)
    const isCurrent = week === weekOf(yield* Clock.currentTimeMillis)
    if (boards === undefined || (!isCurrent && boards.difficulty.size === 0)) {
      return yield* new WeekUnknown({ week: idOf(week) })
    }
    const { entries, last } = yield* pageOf(boards[board].after(after, limit + 1), limit)
    return {
      week: idOf(week),
      status: "open" as const,
      entries,
      total: boards[board].size,
      next: last && { value: last.value, at: last.at, address: last.address }
    }
  })

  const finalPage = Effect.fnUntraced(function* (board: Board, week: Monday, { after, limit }: BoardPageRequest) {
    const [rows, total] = yield* Effect.all([finals.after(week, board, after, limit + 1), finals.total(week, board)], {
      concurrency: "unbounded"
    })
    const { entries, last, page } = yield* pageOf(rows, limit)
    return {
      week: idOf(week),
      status: "final" as const,
      entries,
      total,
      hashes: page.map(({ hash }) => hash),
      next: last && { value: last.value, at: last.at, address: last.address, position: last.position }
    }
  })

  const page = Effect.fnUntraced(function* (board: Board, week: Monday, request: BoardPageRequest) {
    const current = weekOf(yield* Clock.currentTimeMillis)
    // Years before 1970 and after 9999 would also not be dates to Postgres.
    if (week > current || startOf(week) < 0) return yield* new WeekUnknown({ week: idOf(week) })
    const status = week === current ? "open" : yield* finals.statusOf(week)
    return yield* status === "final" ? finalPage(board, week, request) : openPage(board, week, request)
  })

  /** Key of an address on a board: on `luck`, its account. */
  const keyOf = Effect.fnUntraced(function* (board: Board, address: string) {
    if (board !== "luck") return address
    const [owner] = yield* owners(
      short(sql`SELECT account_id::text AS account FROM tbg_api.account_addresses WHERE address = ${address}`)
    )
    return owner?.account ?? ""
  })

  const around = Effect.fnUntraced(function* (board: Board, address: string) {
    const week = weekOf(yield* Clock.currentTimeMillis)
    const boards = yield* open.boardsOf(week)
    const found = boards?.[board].around(yield* keyOf(board, address), neighbors)
    if (boards === undefined || found === undefined) return yield* new NotOnBoard({ address, board })
    const { above, below, entry, percentile } = found
    const entries = (yield* withNames([...above, entry, ...below])).map(entryOf)
    const [own] = entries.slice(above.length)
    if (own === undefined) return yield* new NotOnBoard({ address, board })
    return {
      week: idOf(week),
      entry: own,
      above: entries.slice(0, above.length),
      below: entries.slice(above.length + 1),
      percentile,
      total: boards[board].size
    }
  })

  const top = Effect.fnUntraced(function* (board: Board, count: number) {
    const week = weekOf(yield* Clock.currentTimeMillis)
    return yield* Effect.orDie(openPage(board, week, { limit: count }))
  })

  const leaders = Effect.gen(function* () {
    const boards = yield* open.boardsOf(weekOf(yield* Clock.currentTimeMillis))
    const of = (board: Board) =>
      JSON.stringify(boards?.[board].after(undefined, leaderCount).map(({ key, value }) => [key, value]))
    return { difficulty: of("difficulty"), work: of("work"), luck: of("luck") }
  })

  return {
    page: traced("Boards.page", page),
    around: traced("Boards.around", around),
    top: traced("Boards.top", top),
    leaders,
    version: open.version,
    refresh: open.refresh
  }
})

/** Boards of the open week and of final weeks. Names and addresses are those that the `Viewer` may see. */
export class Boards extends Context.Service<
  Boards,
  {
    readonly page: (board: Board, week: Monday, request: BoardPageRequest) => Effect.Effect<BoardPage, WeekUnknown>
    /** Entry of an address in the current week, with its neighbors. */
    readonly around: (
      board: Board,
      address: string
    ) => Effect.Effect<Neighborhood & { readonly week: WeekId; readonly total: number }, NotOnBoard>
    /** First entries of the current week, as in live `board` events. */
    readonly top: (board: Board, count: number) => Effect.Effect<BoardPage>
    /** Text for each board that changes if the order or a value of its first `leaderCount` entries changes. */
    readonly leaders: Effect.Effect<{ readonly [board in Board]: string }>
    /** Changes with any change of a board of the current week. */
    readonly version: Effect.Effect<string>
    /** Reads all changes of the fold now, without waiting for the next poll. */
    readonly refresh: Effect.Effect<void>
  }
>()("tbg-api/services/weeks/Boards") {
  static readonly layer = Layer.effect(Boards, make)
}
