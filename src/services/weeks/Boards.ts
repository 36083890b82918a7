import { Context } from "effect"
import type { Effect } from "effect"
import type { Board, NotOnBoard, WeekStatus, WeekUnknown } from "../../domain/weeks/Board.ts"
import type { WeekId } from "../../domain/weeks/Week.ts"

/** Entry of a board. */
export interface Entry {
  readonly rank: number
  /** Rank at the last 00:00 UTC minus `rank`; null if the miner was not on the board then. */
  readonly rank_change: number | null
  /** Display name of the account; null if there is none, or if the miner is hidden. */
  readonly name: string | null
  /** Address with the best share; null if the miner is hidden. */
  readonly address: string | null
  readonly value: number
  /** Time of the best share. */
  readonly at: string
  readonly shares: number
}

/** Place of an entry in the total order of a board: higher value, earlier time, address. */
export interface Place {
  readonly value: number
  readonly at: string
  readonly address: string
}

export interface BoardPage {
  readonly week: WeekId
  readonly status: WeekStatus
  readonly entries: ReadonlyArray<Entry>
  readonly total: number
  readonly nextPlace?: Place
}

export interface Neighborhood {
  readonly entry: Entry
  /** At most 5 entries each. */
  readonly above: ReadonlyArray<Entry>
  readonly below: ReadonlyArray<Entry>
  /** Share of the other entries that are strictly below, in percent; null if there are no others. */
  readonly percentile: number | null
}

/** Boards of the open week and of final weeks. */
export class Boards extends Context.Service<
  Boards,
  {
    readonly page: (
      board: Board,
      week: WeekId,
      page: { readonly after?: Place; readonly limit: number }
    ) => Effect.Effect<BoardPage, WeekUnknown>
    /** Entry of an address in the open week, with its neighbors. */
    readonly around: (board: Board, address: string) => Effect.Effect<Neighborhood, NotOnBoard>
    /** First entries of the open week. */
    readonly top: (board: Board, count: number) => Effect.Effect<ReadonlyArray<Entry>>
  }
>()("tbg-api/services/weeks/Boards") {}
