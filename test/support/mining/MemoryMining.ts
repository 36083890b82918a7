import { Effect, Layer, Schema } from "effect"
import { BlockNotFound } from "../../../src/domain/mining/Block.ts"
import { DashboardHashrate, DashboardStats, DashboardWorker } from "../../../src/domain/mining/Dashboard.ts"
import { BestShare, DashboardShare } from "../../../src/domain/mining/DashboardShares.ts"
import { FeedItem } from "../../../src/domain/mining/Feed.ts"
import { Miner, MinerNotFound } from "../../../src/domain/mining/Miner.ts"
import { Pool } from "../../../src/domain/mining/Pool.ts"
import { WeekUnknown, NotOnBoard } from "../../../src/domain/weeks/Board.ts"
import { Leaderboard, MinerStanding } from "../../../src/domain/weeks/Leaderboard.ts"
import { WeekHistory, WeekReport } from "../../../src/domain/weeks/Results.ts"
import { CkpoolUser, PublicPoolClient } from "../../../src/domain/mining/ThirdParty.ts"
import { Worker, WorkerNotFound } from "../../../src/domain/mining/WorkerSummary.ts"
import { Addresses } from "../../../src/services/bitcoin/Addresses.ts"
import { DashboardFigures } from "../../../src/services/mining/DashboardFigures.ts"
import { DashboardShares } from "../../../src/services/mining/DashboardShares.ts"
import { DashboardWorkers } from "../../../src/services/mining/DashboardWorkers.ts"
import { HashrateSeries } from "../../../src/services/mining/HashrateSeries.ts"
import { Miners } from "../../../src/services/mining/Miners.ts"
import { MinerShares } from "../../../src/services/mining/MinerShares.ts"
import { MinerVisibility } from "../../../src/services/mining/MinerVisibility.ts"
import { MinerWorkers } from "../../../src/services/mining/MinerWorkers.ts"
import { MiningFeed } from "../../../src/services/mining/MiningFeed.ts"
import { MiningStatus } from "../../../src/services/mining/MiningStatus.ts"
import { PoolBlocks } from "../../../src/services/mining/PoolBlocks.ts"
import { PoolState } from "../../../src/services/mining/PoolState.ts"
import { ThirdPartyReports } from "../../../src/services/mining/ThirdPartyReports.ts"
import { Boards } from "../../../src/services/weeks/Boards.ts"
import { Weeks } from "../../../src/services/weeks/Weeks.ts"

/** First example of a schema. */
const exampleOf = <A>(schema: Schema.Codec<A, unknown>): A => {
  const [example] = Schema.resolveAnnotations(schema)?.examples ?? []
  return Schema.decodeUnknownSync(schema)(example)
}

const miner = exampleOf(Miner)
export const knownMiner = miner.address
const best = exampleOf(BestShare)
const worker = { ...exampleOf(Worker), id: 42, shares: 27_120 }
const { as_of: _asOf, lag_ms: _lag, ...pool } = exampleOf(Pool)
const chart = { window: "1h" as const, step_seconds: 60, points: [], average: 0, peak: 0 }
const position = { version: "1", outbox: "1", lag_ms: 0, last_event_at: "2026-01-10T12:34:56.789000Z" }

const known = <A>(address: string, value: A) =>
  address === miner.address ? Effect.succeed(value) : Effect.fail(new MinerNotFound({ address }))

const status = {
  ...position,
  status: "ok",
  is_led: true,
  leader: true,
  duplicates: 0,
  quarantined: 0,
  refills: 0
} as const
const series = { ...chart, window: "24h" as const }
const { as_of: _asOfBoard, lag_ms: _lagBoard, next_cursor: _cursor, ...page } = exampleOf(Leaderboard)
const board = { ...page, next: undefined }
const { as_of: _asOfStanding, lag_ms: _lagStanding, ...standing } = exampleOf(MinerStanding)
const { as_of: _asOfReport, lag_ms: _lagReport, ...report } = exampleOf(WeekReport)
/** The one week that has boards, apart from the current one. */
export const knownWeek = report.week
const monday = "2025-12-29"

/** One miner with one worker on mainnet, without a database. */
export const memoryMining = Layer.mergeAll(
  Addresses.layer({ network: "mainnet" }),
  Layer.succeed(MinerVisibility, {
    hiddenOf: () => Effect.succeed(new Set<string>()),
    canSee: () => Effect.succeed(true)
  }),
  Layer.succeed(MiningStatus, { position: Effect.succeed(position), current: Effect.succeed(status) }),
  Layer.succeed(Miners, {
    find: (address) => known(address, miner),
    withShares: (addresses) => Effect.succeed(new Set(addresses))
  }),
  Layer.succeed(MinerWorkers, {
    list: (address) => known(address, { workers: [worker], hasMore: false }),
    all: (address) => known(address, [worker]),
    find: (address, name) => (name === worker.name ? known(address, worker) : Effect.fail(new WorkerNotFound({ name })))
  }),
  Layer.succeed(MinerShares, {
    list: (address) => known(address, { shares: [], next: undefined }),
    ofAddresses: () => Effect.succeed({ shares: [exampleOf(DashboardShare)], next: undefined })
  }),
  Layer.succeed(DashboardFigures, {
    hashrate: () => Effect.succeed(exampleOf(DashboardHashrate)),
    stats: () => Effect.succeed(exampleOf(DashboardStats))
  }),
  Layer.succeed(DashboardShares, {
    bests: () => Effect.succeed({ week: null, month: best, alltime: best }),
    scatter: () => Effect.succeed([best])
  }),
  Layer.succeed(DashboardWorkers, { list: () => Effect.succeed([exampleOf(DashboardWorker)]) }),
  Layer.succeed(MiningFeed, { list: () => Effect.succeed([exampleOf(FeedItem)]) }),
  Layer.succeed(HashrateSeries, {
    ofPool: () => Effect.succeed(chart),
    ofMiner: (address) => known(address, series),
    ofAddresses: () => Effect.succeed({ ...chart, current: 0 })
  }),
  Layer.succeed(PoolState, {
    population: Effect.succeed({ active: 41n, miners: 87n, online: 63n, workers: 120n, blocks: 1n, assigned: null }),
    summary: () => Effect.succeed({ ...pool, unfilteredBest: { day: null, week: null, all_time: null } }),
    hideWorkers: ({ unfilteredBest, ...summary }) =>
      Effect.succeed({ ...summary, best: { ...unfilteredBest, ...pool.best } }),
    network: Effect.succeed(null)
  }),
  Layer.succeed(PoolBlocks, {
    list: () => Effect.succeed({ blocks: [], hasMore: false }),
    find: (id) => Effect.fail(new BlockNotFound({ id }))
  }),
  Layer.succeed(Boards, {
    page: (_, week) => (week < monday ? Effect.fail(new WeekUnknown({ week })) : Effect.succeed(board)),
    around: (board, address) =>
      address === miner.address ? Effect.succeed(standing) : Effect.fail(new NotOnBoard({ address, board })),
    top: () => Effect.succeed(board),
    leaders: Effect.succeed({ difficulty: "", work: "", luck: "" }),
    version: Effect.succeed("1"),
    refresh: Effect.void
  }),
  Layer.succeed(Weeks, {
    history: (address) => known(address, { weeks: exampleOf(WeekHistory).weeks, next: undefined }),
    report: (week) => (week === monday ? Effect.succeed(report) : Effect.fail(new WeekUnknown({ week })))
  }),
  Layer.succeed(ThirdPartyReports, {
    ckpool: (address) => known(address, exampleOf(CkpoolUser)),
    publicPool: (address) => known(address, exampleOf(PublicPoolClient))
  })
)
