import { Schema } from "effect"
import { Best, Difficulty, freshness } from "../mining/Miner.ts"
import { Count } from "../Text.ts"
import { Timestamp } from "../Timestamp.ts"
import { Board, WeekStatus } from "./Board.ts"
import { Entry } from "./Leaderboard.ts"
import { WeekId } from "./Week.ts"

const week = WeekId.annotate({ description: "ISO 8601 week" })
const status = WeekStatus.annotate({ description: "`final` from 10 minutes after the end of the week" })
const work = Schema.Finite.annotate({ description: "Σ assigned difficulty of the week's shares" })
const Rank = Schema.NullOr(Schema.Int)

const DayResult = Schema.Struct({
  day: Schema.String.annotate({ description: "UTC date", format: "date" }),
  best: Best.annotate({ description: "Best share of the day; null if there is none" })
}).annotate({ identifier: "DayResult", description: "A day of a week" })

const exampleBest = { difficulty: 694_365_556.35, at: "2026-01-07T02:44:10.100000Z", worker: "rig2" }

export const WeekResult = Schema.Struct({
  week,
  status,
  shares: Count.annotate({ description: "Shares in the week" }),
  days: Schema.Array(DayResult).annotate({ description: "Days of the week until today, Monday first" }),
  best: Best.annotate({ description: "Best share of the week" }),
  work,
  luck: Schema.NullOr(Schema.Finite).annotate({
    description: "Luck of the account that owns the address; null if it is not on the board"
  }),
  ranks: Schema.Struct({
    difficulty: Rank.annotate({ description: "Rank by best share" }),
    work: Rank.annotate({ description: "Rank by work" }),
    luck: Rank.annotate({ description: "Rank of the account by luck; null if it is not on the board" })
  }).annotate({ description: "Ranks on the boards of the week; those of a final week never change" }),
  network_difficulty: Schema.NullOr(Difficulty).annotate({
    description: "Network difficulty at the time of the best share; null if unknown"
  }),
  progress: Schema.NullOr(Schema.Finite).annotate({
    description: "Best share divided by that network difficulty: 1 or more is a block; null if unknown"
  }),
  salt: Schema.NullOr(Schema.String).annotate({
    description: "Salt of the address in the digest of a final week, in hexadecimal; null while the week is open"
  })
}).annotate({ identifier: "WeekResult", description: "Results of a miner in a week" })
export type WeekResult = typeof WeekResult.Type

export const WeekHistory = Schema.Struct({
  weeks: Schema.Array(WeekResult).annotate({ description: "Weeks with shares, newest first" }),
  next_cursor: Schema.NullOr(Schema.String).annotate({ description: "`cursor` of the next page; null at the end" }),
  ...freshness
}).annotate({
  identifier: "WeekHistory",
  description: "A page of the list",
  examples: [
    {
      weeks: [
        {
          week: "2026-W02",
          status: "open",
          shares: 25_340,
          days: [
            { day: "2026-01-05", best: { difficulty: 1_048_576.5, at: "2026-01-05T09:12:01.250000Z", worker: "rig1" } },
            { day: "2026-01-06", best: null },
            { day: "2026-01-07", best: exampleBest }
          ],
          best: exampleBest,
          work: 169_068_480,
          luck: 0.42,
          ranks: { difficulty: 1, work: 12, luck: 40 },
          network_difficulty: 148_258_434_855_481,
          progress: 4.68e-6,
          salt: null
        }
      ],
      next_cursor: null,
      as_of: "2026-01-07T12:34:57.000000Z",
      lag_ms: 0
    }
  ]
})

const value = Schema.NullOr(Schema.Finite)
const time = Schema.NullOr(Timestamp)

export const Amendment = Schema.Struct({
  at: Timestamp.annotate({ description: "Time of the correction" }),
  board: Board.annotate({ description: "Corrected board" }),
  name: Entry.fields.name,
  address: Entry.fields.address,
  before: value.annotate({ description: "Value before the correction; null if the miner was not on the board" }),
  before_at: time.annotate({ description: "Time of its best share; null if the miner was not on the board" }),
  after: value.annotate({ description: "Corrected value; null if the miner does not belong on the board" }),
  after_at: time.annotate({ description: "Time of its best share; null if the miner does not belong on the board" })
}).annotate({ identifier: "Amendment", description: "A correction of a final week; the board itself does not change" })
export type Amendment = typeof Amendment.Type

const winners = (name: string) =>
  Schema.Array(Entry).annotate({ description: `Entries of rank 1 by ${name}, at most 100` })

export const WeekReport = Schema.Struct({
  week,
  status,
  starts_at: Timestamp.annotate({ description: "Monday, 00:00 UTC" }),
  ends_at: Timestamp.annotate({ description: "Start of the next week" }),
  closed_at: time.annotate({ description: "Time at which the boards were frozen; null while the week is open" }),
  totals: Schema.Struct({
    miners: Count.annotate({ description: "Miners with a share in the week" }),
    shares: Count.annotate({ description: "Shares of the week" }),
    work,
    blocks: Count.annotate({ description: "Blocks found in the week, without orphaned ones" })
  }).annotate({ description: "Totals of the pool; those of a final week are without amendments, except for blocks" }),
  winners: Schema.Struct({
    difficulty: winners("best share"),
    work: winners("work"),
    luck: winners("luck")
  }).annotate({ description: "Leaders while the week is open" }),
  digest: Schema.NullOr(Schema.String).annotate({
    description: "SHA-256 of the frozen boards in hexadecimal; null while the week is open"
  }),
  amendments: Schema.Array(Amendment).annotate({
    description: "Corrections since the closing, newest first, at most 100"
  }),
  amendments_total: Count.annotate({ description: "Number of corrections since the closing" }),
  ...freshness
}).annotate({
  identifier: "WeekReport",
  description: "A week of the game",
  examples: [
    {
      week: "2026-W01",
      status: "final",
      starts_at: "2025-12-29T00:00:00.000000Z",
      ends_at: "2026-01-05T00:00:00.000000Z",
      closed_at: "2026-01-05T00:10:00.213000Z",
      totals: { miners: 87, shares: 1_263_480, work: 8_404_142_080, blocks: 0 },
      winners: {
        difficulty: [
          {
            rank: 1,
            rank_change: 0,
            name: "Hal",
            address: "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
            value: 694_365_556.35,
            at: "2026-01-02T02:44:10.100000Z",
            shares: 25_340
          }
        ],
        work: [],
        luck: []
      },
      digest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      amendments: [
        {
          at: "2026-01-05T01:02:03.000000Z",
          board: "work",
          name: null,
          address: null,
          before: 1024,
          before_at: "2026-01-04T23:59:58.000000Z",
          after: 2048,
          after_at: "2026-01-04T23:59:58.000000Z"
        }
      ],
      amendments_total: 1,
      as_of: "2026-01-10T12:34:57.000000Z",
      lag_ms: 0
    }
  ]
})
export type WeekReport = typeof WeekReport.Type
