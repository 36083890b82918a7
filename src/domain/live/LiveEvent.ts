import { Schema } from "effect"
import { BestData, BlockData } from "../mining/Feed.ts"
import { Difficulty, freshness, Miner } from "../mining/Miner.ts"
import { Pool } from "../mining/Pool.ts"
import { Count } from "../Text.ts"
import { Timestamp } from "../Timestamp.ts"
import { Board } from "../weeks/Board.ts"
import { Entry } from "../weeks/Leaderboard.ts"
import { WeekId } from "../weeks/Week.ts"
import { examples } from "./Examples.ts"

const address = Schema.String.annotate({ description: "Bitcoin address of the miner" })
const worker = Schema.String.annotate({ description: "Name of the worker" })
const at = Timestamp.annotate({ description: "Time of the event" })

const typeOf = <Type extends string>(type: Type) =>
  Schema.Literal(type).annotate({ description: "Type of the event, also its `event` field" })

export const ShareEvent = Schema.Struct({
  type: typeOf("share"),
  address,
  worker,
  at,
  difficulty: Difficulty.annotate({ description: "Assigned difficulty" }),
  reached: Difficulty.annotate({ description: "Difficulty that the share reached" })
}).annotate({
  identifier: "LiveShare",
  description: "A share; topics miner:{address} and me",
  examples: [examples.share]
})

export const WorkerEvent = Schema.Struct({
  type: typeOf("worker"),
  address,
  worker,
  state: Schema.Literals(["seen", "connected", "disconnected"]).annotate({
    description: "`seen`: the first time that the worker connected or sent a share"
  }),
  at
}).annotate({
  identifier: "LiveWorker",
  description: "A change of a worker; topics miner:{address} and me",
  examples: [examples.worker]
})

export const NetworkEvent = Schema.Struct({
  type: typeOf("network"),
  height: Count.annotate({ description: "Block height" }),
  hash: Schema.NullOr(Schema.String).annotate({ description: "Block hash; null if unknown" }),
  difficulty: Schema.NullOr(Difficulty).annotate({ description: "Network difficulty; null if unknown" }),
  at
}).annotate({
  identifier: "LiveNetwork",
  description: "A new block of the network; topic network",
  examples: [examples.network]
})

const summaryOf = typeOf("summary")

const PoolSummary = Schema.Struct({
  type: summaryOf,
  topic: Schema.Literal("pool").annotate({ description: "The pool" }),
  state: Pool
}).annotate({
  identifier: "LivePoolSummary",
  description: "The pool as GET /api/v1/pool returns it; topic pool, at most once a second"
})

const MinerSummary = Schema.Struct({
  type: summaryOf,
  topic: Schema.TemplateLiteral(["miner:", Schema.String]).annotate({ description: "Topic of the miner" }),
  state: Schema.Struct({ miner: Miner, ...freshness }).annotate({ description: "Body of GET /api/v1/miners/{address}" })
}).annotate({
  identifier: "LiveMinerSummary",
  description:
    "A miner as GET /api/v1/miners/{address} returns it; topics miner:{address} and me, at most once a second"
})

export const MiningState = Schema.Struct({
  status: Schema.Literals(["ok", "stale", "idle", "off"]).annotate({
    description:
      "`stale`: events wait for more than 5 seconds, or the database does not respond; `idle`: no events arrive; " +
      "`off`: no process reads events"
  }),
  ...freshness
}).annotate({ description: "Age of the mining data" })
export type MiningState = typeof MiningState.Type

const MiningSummary = Schema.Struct({
  type: summaryOf,
  topic: Schema.Literal("mining").annotate({ description: "The mining data of the service" }),
  state: MiningState
}).annotate({
  identifier: "LiveMiningSummary",
  description: "Age of the data; every stream gets it at the start, when the status changes, and while it is not ok",
  examples: [examples.summary]
})

export const SummaryEvent = Schema.Union([PoolSummary, MinerSummary, MiningSummary])
export type SummaryEvent = typeof SummaryEvent.Type

export const BoardEvent = Schema.Struct({
  type: typeOf("board"),
  board: Board.annotate({ description: "Name of the board" }),
  week: WeekId.annotate({ description: "The current week" }),
  entries: Schema.Array(Entry).annotate({ description: "The first 10 entries" }),
  total: Count.annotate({ description: "Number of entries of the board" })
}).annotate({
  identifier: "LiveBoard",
  description: "Top of a weekly board; topic board, at most once a second",
  examples: [examples.board]
})
export type BoardEvent = typeof BoardEvent.Type

export const GapEvent = Schema.Struct({
  type: typeOf("gap"),
  dropped: Count.annotate({ description: "Number of shares left out" })
}).annotate({
  identifier: "LiveGap",
  description: "Shares left out because the client reads too slowly",
  examples: [examples.gap]
})
export type GapEvent = typeof GapEvent.Type

/** `unknown_cursor`: not signed by this service, or newer than its data. `outage`: the database did not answer. */
export const ResetReason = Schema.Literals(["too_old", "unknown_cursor", "outage"])
export type ResetReason = typeof ResetReason.Type

export const ResetEvent = Schema.Struct({
  type: typeOf("reset"),
  reason: ResetReason.annotate({
    description:
      "`too_old`: the service no longer keeps the events after the cursor; `unknown_cursor`: the service did not sign the cursor, or its database was restored to an earlier state; `outage`: events were lost during an outage"
  })
}).annotate({
  identifier: "LiveReset",
  description: "Events may be missing before this one; load the snapshot again",
  examples: [examples.reset]
})
export type ResetEvent = typeof ResetEvent.Type

export const ByeReason = Schema.Literals(["draining", "session_ended", "hidden", "replaced", "too_slow"])
export type ByeReason = typeof ByeReason.Type

export const ByeEvent = Schema.Struct({
  type: typeOf("bye"),
  reason: ByeReason.annotate({
    description:
      "`draining`: reconnect; `too_slow`: reconnect, and read faster; `session_ended` and `hidden`: sign in, or leave the topic out; `replaced`: another stream uses the ticket"
  }),
  reconnect_ms: Count.annotate({ description: "Milliseconds to wait before reconnecting" })
}).annotate({
  identifier: "LiveBye",
  description: "The last event of a stream that the service ends",
  examples: [examples.bye]
})

/** Data of every event of a stream, by `type`. */
export const LiveEvent = Schema.Union([
  ShareEvent,
  WorkerEvent,
  BestData,
  BlockData,
  NetworkEvent,
  SummaryEvent,
  BoardEvent,
  GapEvent,
  ResetEvent,
  ByeEvent
])
export type LiveEvent = typeof LiveEvent.Type

/** Events that come from the outbox. */
export const OutboxEvent = Schema.Union([ShareEvent, WorkerEvent, BestData, BlockData, NetworkEvent])
export type OutboxEvent = typeof OutboxEvent.Type
