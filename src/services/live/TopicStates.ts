import { Effect } from "effect"
import { BlockPlace, PoolBlocks } from "../mining/PoolBlocks.ts"
import type { Population } from "../mining/PoolPopulation.ts"
import { PoolState } from "../mining/PoolState.ts"
import { Miners } from "../mining/Miners.ts"
import { MinerWorkers, publicWorkerOf } from "../mining/MinerWorkers.ts"
import type { freshnessOf } from "../mining/MiningStatus.ts"
import { Cursors } from "../Cursors.ts"

/** A read of several states. */
export interface StateReading {
  /** Milliseconds since 1970; the end of all windows. */
  readonly now: number
  readonly freshness: ReturnType<typeof freshnessOf>
  readonly population: Population
}

/** Items of the first page of a list. */
const pageSize = 20

/** States of topics: the bodies of the REST endpoints with the same data. */
export const topicStates = Effect.gen(function* () {
  const pool = yield* PoolState
  const blocks = yield* PoolBlocks
  const miners = yield* Miners
  const workers = yield* MinerWorkers
  const blockCursors = (yield* Cursors).of(BlockPlace, "blocks")

  /** Body of `GET /miners/{address}`. */
  const miner = (address: string, { freshness, now }: Omit<StateReading, "population">) =>
    Effect.map(miners.find(address, now), (miner) => ({ miner, ...freshness }))

  return {
    miner,
    /** The miner with the first page of its workers. */
    minerWithWorkers: Effect.fnUntraced(function* (address: string, reading: StateReading) {
      const state = yield* miner(address, reading)
      const page = yield* workers.list(address, reading.now, { limit: pageSize, after: undefined })
      return { ...state, workers: page.workers.map(publicWorkerOf) }
    }),
    /** Body of `GET /pool`. */
    pool: ({ freshness, now, population }: StateReading) =>
      Effect.map(pool.summary(now, population), (summary) => ({ ...summary, ...freshness })),
    /** Body of `GET /network`. */
    network: Effect.map(pool.network, (network) => ({ network })),
    /** Body of `GET /blocks`. */
    blocks: Effect.fnUntraced(function* ({ freshness }: StateReading) {
      const page = yield* blocks.list({ limit: pageSize, after: undefined })
      const last = page.hasMore ? page.blocks.at(-1) : undefined
      const next_cursor = last === undefined ? null : blockCursors.encode("", { at: last.found_at, id: last.id })
      return { blocks: page.blocks, next_cursor, ...freshness }
    })
  }
})
