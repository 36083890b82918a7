import { Schema } from "effect"
import { freshness } from "../mining/Miner.ts"
import { Count } from "../Text.ts"
import { Timestamp } from "../Timestamp.ts"
import { WeekStatus } from "./Board.ts"
import { WeekId } from "./Week.ts"

const winner = {
  rank: 1,
  rank_change: 2,
  name: "Hal",
  address: "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
  value: 694_365_556.35,
  at: "2026-01-07T02:44:10.100000Z",
  shares: 25_340
}
const hidden = {
  rank: 2,
  rank_change: null,
  name: null,
  address: null,
  value: 381_127_004.5,
  at: "2026-01-06T19:02:33.000000Z",
  shares: 9120
}

const Rank = Schema.Int.check(Schema.isGreaterThan(0))

export const Entry = Schema.Struct({
  rank: Rank.annotate({ description: "1 plus the number of entries with a higher value" }),
  rank_change: Schema.NullOr(Schema.Int).annotate({
    description:
      "Rank at the last 00:00 UTC minus `rank`; null if the miner was not on the board then. For a final week, at 00:00 of its Sunday"
  }),
  name: Schema.NullOr(Schema.String).annotate({
    description: "Display name of the account; null if there is none, or if the miner is hidden"
  }),
  address: Schema.NullOr(Schema.String).annotate({
    description: "Address of the miner; null if it is hidden. On `luck`, the address of the account with the best share"
  }),
  value: Schema.Finite.annotate({
    description: "Reached difficulty (`difficulty`), Σ assigned difficulty (`work`) or a number from 0 to 1 (`luck`)"
  }),
  at: Timestamp.annotate({ description: "Time of the best share; the earlier one is first among equal values" }),
  shares: Count.annotate({ description: "Shares in the week; on `luck`, those that count for it" })
}).annotate({
  identifier: "BoardEntry",
  description: "An entry of a board",
  examples: [winner]
})
export type Entry = typeof Entry.Type

export const Leaderboard = Schema.Struct({
  week: WeekId.annotate({ description: "Week of the board" }),
  status: WeekStatus.annotate({
    description: "`final` from 10 minutes after the end of the week; then it never changes"
  }),
  entries: Schema.Array(Entry).annotate({ description: "By value, then by time, then by address" }),
  total: Count.annotate({ description: "Number of entries of the board" }),
  hashes: Schema.optionalKey(
    Schema.Array(Schema.String).annotate({
      description: "Only of a final week: the salted hashes in its digest, in the order of `entries`"
    })
  ),
  next_cursor: Schema.NullOr(Schema.String).annotate({ description: "`cursor` of the next page; null at the end" }),
  ...freshness
}).annotate({
  identifier: "Leaderboard",
  description: "A page of a board",
  examples: [
    {
      week: "2026-W02",
      status: "open",
      entries: [winner, hidden],
      total: 87,
      next_cursor: "M3Jvb3RzYW5kcm9vdHNhbmRyb290cw",
      as_of: "2026-01-10T12:34:57.000000Z",
      lag_ms: 0
    }
  ]
})
export type Leaderboard = typeof Leaderboard.Type

export const Neighborhood = Schema.Struct({
  entry: Entry.annotate({ description: "Entry of the miner" }),
  above: Schema.Array(Entry).annotate({ description: "At most 5 entries before it, in the order of the board" }),
  below: Schema.Array(Entry).annotate({ description: "At most 5 entries after it, in the order of the board" }),
  percentile: Schema.NullOr(Schema.Finite).annotate({
    description: "Fraction of the other entries with a lower value, from 0 to 1; null if there are no others"
  })
})
export type Neighborhood = typeof Neighborhood.Type

export const MinerStanding = Schema.Struct({
  week: WeekId.annotate({ description: "The current week" }),
  ...Neighborhood.fields,
  total: Count.annotate({ description: "Number of entries of the board" }),
  ...freshness
}).annotate({
  identifier: "MinerStanding",
  description: "A miner on a board, with its neighbors",
  examples: [
    {
      week: "2026-W02",
      entry: winner,
      above: [],
      below: [hidden],
      percentile: 1,
      total: 2,
      as_of: "2026-01-10T12:34:57.000000Z",
      lag_ms: 0
    }
  ]
})
