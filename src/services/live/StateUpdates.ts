import { Clock, Effect } from "effect"
import type { MiningState, SummaryEvent } from "../../domain/live/LiveEvent.ts"
import type { MinerTopic } from "../../domain/live/Topic.ts"
import { Board } from "../../domain/weeks/Board.ts"
import { MinerVisibility } from "../mining/MinerVisibility.ts"
import { topicsOf } from "./LiveEntry.ts"
import type { LiveEntry } from "./LiveEntry.ts"
import type { LiveStream } from "./LiveStream.ts"
import { LiveSummaries } from "./LiveSummaries.ts"
import type { BoardTopic, ComputedTopic } from "./LiveSummaries.ts"
import type { StreamIds } from "./StreamIds.ts"
import type { StreamIndex } from "./StreamIndex.ts"
import { SummaryTurns } from "./SummaryTurns.ts"

export interface StateOptions {
  readonly index: StreamIndex
  readonly ids: StreamIds
  /** Number of the newest event that the streams got. */
  readonly last: () => number
}

/** Minimum milliseconds between two states of a topic. */
const everyMs = 1000
/** Milliseconds between two reports of data that is not up to date. */
const reportEveryMs = 5000
/** Milliseconds after which states are sent without an event, because rates decay. */
const decayMs = 60_000

/** Least milliseconds between two states of a board whose first entries only have more shares. */
const boardRefreshMs = 5000

const isMiner = (topic: string): topic is MinerTopic => topic.startsWith("miner:")
const isBoard = (topic: string): boolean => topic.startsWith("board:")
const boardTopic = (board: Board): BoardTopic => `board:${board}`

/** Sends the states of topics that changed, each at most once a second, and the age of the data. */
export const makeStateUpdates = Effect.fnUntraced(function* ({ ids, index, last }: StateOptions) {
  const { boardLeaders, boardVersion, of } = yield* LiveSummaries
  const { hiddenOf } = yield* MinerVisibility
  const turns = new SummaryTurns<ComputedTopic>(everyMs)
  let reported: { readonly status: MiningState["status"]; readonly at: number } | undefined
  let decayedAt = 0
  /** Versions of the boards at the last look at their first entries, and at the last refresh. */
  const boardsAt = { leaders: "", refresh: "", time: Number.NEGATIVE_INFINITY }
  let leaders: { readonly [board in Board]: string } | undefined

  const mark = (topic: string): void => {
    if (index.of(topic).size === 0) return
    if (topic === "board") for (const board of Board.literals) turns.mark(boardTopic(board))
    else if (topic === "pool" || isMiner(topic)) turns.mark(topic)
  }

  const receivers = Effect.fnUntraced(function* (topic: ComputedTopic) {
    const isHidden = isMiner(topic) && (yield* hiddenOf([topic.slice("miner:".length)])).size > 0
    // Read after the check, so that a stream that opened meanwhile is judged too.
    return [...index.of(isBoard(topic) ? "board" : topic)].filter(
      (stream) => !stream.isReplaying && (!isHidden || stream.own.some((address) => topic.endsWith(`:${address}`)))
    )
  })

  const sendState = Effect.fnUntraced(function* (topic: ComputedTopic) {
    const events = yield* of(topic)
    const streams = yield* receivers(topic)
    const n = last()
    for (const event of events) {
      const item = { n, kind: "state", key: topic, bytes: ids.frame(n, event) } as const
      for (const stream of streams) stream.send(item)
    }
  })

  const dueAt = (now: number): ReadonlyArray<ComputedTopic> => {
    const due: Array<ComputedTopic> = []
    for (let topic = turns.take(now); topic !== undefined; topic = turns.take(now)) due.push(topic)
    return due
  }

  /** Sends the state of a topic. Marks the topic again if the state could not be read. */
  const update = (topic: ComputedTopic) =>
    sendState(topic).pipe(
      Effect.catchCause((cause) =>
        Effect.andThen(
          Effect.sync(() => turns.mark(topic)),
          Effect.logDebug("state of a live topic not read", cause)
        )
      ),
      Effect.andThen(Effect.map(Clock.currentTimeMillis, (now) => turns.finish(topic, now)))
    )

  const turn = Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    if (now - decayedAt >= decayMs) {
      decayedAt = now
      for (const topic of index.topics) mark(topic)
    }
    yield* Effect.forEach(dueAt(now), update, { concurrency: "unbounded", discard: true })
  })

  /** Marks boards once they changed, which is after the events that change them. */
  const followBoards = Effect.gen(function* () {
    if (index.of("board").size === 0) return
    const version = yield* boardVersion
    const now = yield* Clock.currentTimeMillis
    if (version !== boardsAt.refresh && now - boardsAt.time >= boardRefreshMs) {
      boardsAt.refresh = version
      boardsAt.time = now
      mark("board")
    }
    if (version === boardsAt.leaders) return
    const found = yield* boardLeaders
    boardsAt.leaders = version
    for (const board of Board.literals) if (found[board] !== leaders?.[board]) turns.mark(boardTopic(board))
    leaders = found
  })

  // Streams that open within a second share a read.
  const mining = yield* Effect.cachedWithTTL(
    Effect.map(of("mining"), (events) =>
      events.flatMap((event) => (event.type === "summary" && event.topic === "mining" ? [event] : []))
    ),
    "1 second"
  )

  const sendMining = (streams: Iterable<LiveStream>, event: SummaryEvent): void => {
    const shared = { n: last(), kind: "state", key: "mining", bytes: ids.frame(last(), event) } as const
    for (const stream of streams) {
      const n = stream.seen
      stream.send(stream.isReplaying ? { ...shared, n, bytes: ids.frame(n, event) } : shared)
    }
  }

  const report = Effect.gen(function* () {
    if (index.size === 0) return
    const now = yield* Clock.currentTimeMillis
    for (const event of yield* mining) {
      const { status } = event.state
      const isDue = status !== "ok" && now - (reported?.at ?? 0) >= reportEveryMs
      if (status === reported?.status && !isDue) continue
      reported = { status, at: now }
      sendMining(index.all, event)
    }
  })

  return {
    /** Marks the topics whose states events change. */
    onEntries: (entries: ReadonlyArray<LiveEntry>): void => {
      for (const entry of entries) topicsOf(entry).forEach(mark)
      mark("pool")
    },
    /** Sends the current states to a stream that has just opened, as soon as it is their turn. */
    onOpen: (stream: LiveStream): void => stream.topics.forEach(mark),
    /** Sends the age of the data to one stream. */
    greet: Effect.fnUntraced(function* (stream: LiveStream) {
      for (const event of yield* mining) {
        reported ??= { status: event.state.status, at: yield* Clock.currentTimeMillis }
        sendMining([stream], event)
      }
    }),
    turn,
    followBoards,
    report
  }
})
