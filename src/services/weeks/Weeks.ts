import { Context } from "effect"
import type { Effect } from "effect"
import type { Board, WeekStatus, WeekUnknown } from "../../domain/weeks/Board.ts"
import type { WeekId } from "../../domain/weeks/Week.ts"
import type { Entry } from "./Boards.ts"

/** Result of an address in a week; null if it is not on the board. */
export interface BoardResult {
  readonly value: number
  readonly rank: number
}

export interface WeekOfMiner {
  readonly week: WeekId
  readonly status: WeekStatus
  readonly shares: number
  /** Best share of each day with shares. */
  readonly days: ReadonlyArray<{ readonly day: string; readonly best: number; readonly at: string }>
  readonly best: number
  readonly best_at: string
  readonly work: number
  readonly luck: number | null
  readonly ranks: { readonly [board in Board]: BoardResult | null }
  /** Best share divided by the network difficulty at its time; null if that is unknown. */
  readonly network_progress: number | null
  /** Salt of the address in the digest of a final week, in hexadecimal; null while the week is open. */
  readonly salt: string | null
}

export interface Amendment {
  readonly at: string
  readonly board: Board
  /** Null if the miner is hidden. */
  readonly address: string | null
  readonly before: number | null
  readonly after: number | null
}

export interface WeekSummary {
  readonly week: WeekId
  readonly status: WeekStatus
  readonly starts_at: string
  readonly ends_at: string
  readonly closed_at: string | null
  readonly totals: {
    readonly shares: number
    readonly work: number
    readonly miners: number
    /** Blocks that are not orphaned. */
    readonly blocks: number
  }
  /** Entries of rank 1. */
  readonly winners: { readonly [board in Board]: ReadonlyArray<Entry> }
  /** SHA-256 in hexadecimal; null while the week is open. */
  readonly digest: string | null
  readonly amendments: ReadonlyArray<Amendment>
}

/** Weeks, their results, and the history of a miner. */
export class Weeks extends Context.Service<
  Weeks,
  {
    /** Weeks in which an address sent shares, newest first. */
    readonly history: (address: string) => Effect.Effect<ReadonlyArray<WeekOfMiner>>
    readonly week: (week: WeekId) => Effect.Effect<WeekSummary, WeekUnknown>
  }
>()("tbg-api/services/weeks/Weeks") {}
