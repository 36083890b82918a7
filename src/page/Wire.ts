import type { User as UserSchema } from "../http/api/Users.ts"
import type { LiveEvent as StreamEvent, MiningState } from "../domain/live/LiveEvent.ts"
import type { Block } from "../domain/mining/Block.ts"
import type { DashboardStats } from "../domain/mining/Dashboard.ts"
import type { Miner } from "../domain/mining/Miner.ts"
import type { Network, Pool } from "../domain/mining/Pool.ts"
import type { Series } from "../domain/mining/Series.ts"
import type { Worker } from "../domain/mining/WorkerSummary.ts"
import type { Board as BoardName } from "../domain/weeks/Board.ts"
import type { Entry, Leaderboard, MinerStanding } from "../domain/weeks/Leaderboard.ts"
import type { WeekResult as Week } from "../domain/weeks/Results.ts"

export type {
  Block,
  BoardName,
  DashboardStats,
  Entry,
  Miner,
  MiningState,
  Network,
  Pool,
  Series,
  StreamEvent,
  Week,
  Worker
}
export type User = typeof UserSchema.Type
export type Standing = typeof MinerStanding.Type

export const boardNames = ["difficulty", "work", "luck"] as const

/** State of topic `miner:{address}`. Only snapshots have the workers. */
export interface MinerState extends Pick<Pool, "as_of" | "lag_ms"> {
  readonly miner: Miner
  readonly workers?: ReadonlyArray<Worker>
}

export type Board = Pick<Leaderboard, "week" | "entries" | "total">
export type Boards = Partial<Readonly<Record<BoardName, Board | undefined>>>

export interface NetworkState {
  readonly network: Network | null
}

export interface BlocksState {
  readonly blocks: ReadonlyArray<Block>
}

/** State of each topic. */
export type State =
  | { readonly topic: "pool"; readonly state: Pool }
  | { readonly topic: "network"; readonly state: NetworkState }
  | { readonly topic: "blocks"; readonly state: BlocksState }
  | { readonly topic: "board"; readonly state: Boards }
  | { readonly topic: "miner"; readonly state: MinerState }
  | { readonly topic: "mining"; readonly state: MiningState }

/** State of a snapshot, by topic. */
export interface SnapshotState {
  readonly pool?: Pool
  readonly network?: NetworkState
  readonly blocks?: BlocksState
  readonly board?: Boards
  readonly [miner: `miner:${string}`]: MinerState
}

/** Events of a stream, without the states and the events of the connection. */
export type LiveEvent = Extract<StreamEvent, { readonly type: "share" | "worker" | "best" | "block" | "network" }>
