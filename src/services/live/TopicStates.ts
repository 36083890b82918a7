import { Effect } from "effect"
import type { Board } from "../../domain/weeks/Board.ts"
import { BlockPlace, PoolBlocks } from "../mining/PoolBlocks.ts"
import { PoolState } from "../mining/PoolState.ts"
import { Miners } from "../mining/Miners.ts"
import { MinerWorkers, publicWorkerOf } from "../mining/MinerWorkers.ts"
import type { freshnessOf } from "../mining/MiningStatus.ts"
import { Cursors } from "../Cursors.ts"
import { Boards, Place } from "../weeks/Boards.ts"

/** A read of several states. */
export interface StateReading {
  /** Milliseconds since 1970; the end of all windows. */
  readonly now: number
  readonly freshness: ReturnType<typeof freshnessOf>
}

/** Items of the first page of a list. */
const pageSize = 20

/**
 * States of topics: the bodies of the REST endpoints with the same data. `pool` and `boards` are effects that return a
 * function. They must run before a transaction, because they wait for reads that other callers share.
 */
export const topicStates = Effect.gen(function* () {
  const boards = yield* Boards
  const pool = yield* PoolState
  const blocks = yield* PoolBlocks
  const miners = yield* Miners
  const workers = yield* MinerWorkers
  const cursors = yield* Cursors
  const blockCursors = cursors.of(BlockPlace, "blocks")
  const boardCursors = cursors.sealedOf(Place, "leaderboard")

  const boardPage = (board: Board) =>
    Effect.map(boards.top(board, pageSize), ({ next, ...page }) => {
      const next_cursor = next === undefined ? null : boardCursors.encode(JSON.stringify([board, page.week]), next)
      return { ...page, next_cursor }
    })

  /** Body of `GET /miners/{address}`. */
  const miner = (address: string, { freshness, now }: StateReading) =>
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
    pool: Effect.map(
      pool.population,
      (population) =>
        ({ freshness, now }: StateReading) =>
          pool.summary(now, population).pipe(
            Effect.flatMap(pool.hideWorkers),
            Effect.map((summary) => ({ ...summary, ...freshness }))
          )
    ),
    /** Body of `GET /network`. */
    network: Effect.map(pool.network, (network) => ({ network })),
    /** Body of `GET /blocks`. */
    blocks: Effect.fnUntraced(function* ({ freshness }: StateReading) {
      const page = yield* blocks.list({ limit: pageSize, after: undefined })
      const last = page.hasMore ? page.blocks.at(-1) : undefined
      const next_cursor = last === undefined ? null : blockCursors.encode("", { at: last.found_at, id: last.id })
      return { blocks: page.blocks, next_cursor, ...freshness }
    }),
    /** Bodies of `GET /leaderboard` of each board. */
    boards: Effect.map(
      Effect.all({ difficulty: boardPage("difficulty"), work: boardPage("work"), luck: boardPage("luck") }),
      ({ difficulty, luck, work }) =>
        ({ freshness }: StateReading) => ({
          difficulty: { ...difficulty, ...freshness },
          work: { ...work, ...freshness },
          luck: { ...luck, ...freshness }
        })
    )
  }
})
