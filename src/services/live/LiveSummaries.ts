import { Clock, Context, Effect, Fiber, Layer, Option, Ref, Semaphore } from "effect"
import type { BoardEvent, MiningState, SummaryEvent } from "../../domain/live/LiveEvent.ts"
import { addressOf } from "../../domain/live/Topic.ts"
import type { MinerTopic } from "../../domain/live/Topic.ts"
import type { Board } from "../../domain/weeks/Board.ts"
import { Viewer } from "../mining/MinerVisibility.ts"
import { freshnessOf, MiningStatus } from "../mining/MiningStatus.ts"
import { Boards, leaderCount } from "../weeks/Boards.ts"
import { topicStates } from "./TopicStates.ts"

/** A board of the topic `board`. */
export type BoardTopic = `board:${Board}`

/** Topic whose state is computed. `mining` is the age of the data. */
export type ComputedTopic = "pool" | BoardTopic | "mining" | MinerTopic

/** Maximum number of states computed at once, because streams share the connection pool with requests. */
const concurrentReads = 2

/** Age of the oldest unprocessed event from which streams are told that data is stale. */
const staleAfterMs = 5000

/** Maximum wait for Postgres before `mining` is `stale`. */
const statusDeadline = "2 seconds"

type Events = ReadonlyArray<SummaryEvent | BoardEvent>

const make = Effect.gen(function* () {
  const { current, position } = yield* MiningStatus
  const boards = yield* Boards
  const states = yield* topicStates
  const turns = yield* Semaphore.make(concurrentReads)
  const lastRead = yield* Ref.make<{ readonly lagMs: number; readonly at: number } | undefined>(undefined)

  const reading = Effect.gen(function* () {
    const found = yield* Effect.orDie(position)
    const now = yield* Clock.currentTimeMillis
    return { now, freshness: freshnessOf(found, now) }
  })

  const pool = Effect.gen(function* () {
    const read = yield* states.pool
    const state = yield* read(yield* reading)
    return [{ type: "summary" as const, topic: "pool" as const, state }]
  })

  const boardState = (board: Board) =>
    Effect.map(boards.top(board, leaderCount), ({ entries, total, week }) => [
      { type: "board" as const, board, week, entries, total }
    ])

  const miner = Effect.fnUntraced(
    function* (topic: MinerTopic) {
      const state = yield* states.miner(addressOf(topic) ?? "", yield* reading)
      return [{ type: "summary" as const, topic, state }]
    },
    Effect.catchTag("MinerNotFound", () => Effect.succeed([]))
  )

  const miningState = Effect.gen(function* () {
    const found = yield* current
    const now = yield* Clock.currentTimeMillis
    if (found.lag_ms !== null) yield* Ref.set(lastRead, { lagMs: found.lag_ms, at: now })
    const status = found.status === "off" || (found.lag_ms ?? 0) <= staleAfterMs ? found.status : "stale"
    return { status, ...freshnessOf(found, now) } satisfies MiningState
  })

  /** State while Postgres does not respond: the age grows from the last one that was read. */
  const staleState = Effect.gen(function* () {
    const last = yield* Ref.get(lastRead)
    const now = yield* Clock.currentTimeMillis
    const lag_ms = last === undefined ? null : last.lagMs + Math.max(0, now - last.at)
    return { status: "stale", ...freshnessOf({ lag_ms }, now) } satisfies MiningState
  })

  let statusRead: Fiber.Fiber<Option.Option<MiningState>> | undefined
  /** Detached, because a frozen server delays even the interruption of a statement. Concurrent callers share it. */
  const readStatus = Effect.suspend(() => {
    if (statusRead !== undefined) return Effect.succeed(statusRead)
    return Effect.tap(Effect.forkDetach(Effect.option(Effect.sandbox(miningState))), (fiber) =>
      Effect.sync(() => {
        statusRead = fiber
        fiber.addObserver(() => (statusRead = undefined))
      })
    )
  })

  const mining = Effect.gen(function* () {
    const found = yield* Effect.timeoutOption(Effect.flatMap(readStatus, Fiber.join), statusDeadline)
    const state = yield* Option.match(Option.flatten(found), {
      onNone: () => staleState,
      onSome: Effect.succeed
    })
    return [{ type: "summary" as const, topic: "mining" as const, state }]
  })

  const computed = (topic: Exclude<ComputedTopic, "mining">): Effect.Effect<Events> => {
    switch (topic) {
      case "pool":
        return pool
      case "board:difficulty":
        return boardState("difficulty")
      case "board:work":
        return boardState("work")
      case "board:luck":
        return boardState("luck")
      default:
        return miner(topic)
    }
  }

  return {
    boardVersion: boards.version,
    boardLeaders: boards.leaders,
    of: (topic: ComputedTopic): Effect.Effect<Events> =>
      topic === "mining"
        ? mining
        : computed(topic).pipe(
            // Streams of all callers share the result.
            Effect.provideService(Viewer, undefined),
            Semaphore.withPermit(turns),
            Effect.withSpan("LiveSummaries.of")
          )
  }
})

/** States of topics, as REST answers them now. */
export class LiveSummaries extends Context.Service<
  LiveSummaries,
  {
    /**
     * Returns the events of a topic as callers without a session see them: one, or none for an unknown
     * miner. An event of a hidden miner goes to its owner only. `mining` is `stale` while Postgres does not answer;
     * for all other topics that is a defect. At most two topics are read at once; further ones wait in order.
     */
    readonly of: (topic: ComputedTopic) => Effect.Effect<Events>
    /** Changes with any change of a board of the current week. */
    readonly boardVersion: Effect.Effect<string>
    /** Text for each board that changes with the order or a value of the entries in its event. */
    readonly boardLeaders: Effect.Effect<{ readonly [board in Board]: string }>
  }
>()("tbg-api/services/live/LiveSummaries") {
  static readonly layer = Layer.effect(LiveSummaries, make)
}
