import { Array, Clock, Effect, Ref, Schedule } from "effect"
import type { Duration } from "effect"
import type { DependencyDown } from "../../../domain/Dependency.ts"
import type { Arrivals } from "./Deliveries.ts"
import type { ShareRow, SimulatedEvent, NewEntry } from "./Event.ts"
import { insertShares } from "./SharesTable.ts"
import type { Simulation } from "./Simulation.ts"

/** Destination of stream entries: Redis, or a queue in this process. */
export interface StreamSink {
  /** Appends the entries in order. After a failure an unknown part of them is appended. */
  readonly append: (entries: ReadonlyArray<NewEntry>) => Effect.Effect<void, DependencyDown>
}

export interface PlayOptions {
  readonly simulation: Simulation
  readonly deliver: (events: ReadonlyArray<SimulatedEvent>, until: number) => Arrivals
  readonly sink: StreamSink
  /** Start and end in simulated time, in microseconds since 1970. */
  readonly start: number
  readonly end: number
  /** Simulated seconds per second. The simulation never passes the clock: there it continues in real time. */
  readonly speed: number
  /** Time between two steps; 100 ms by default. */
  readonly tick?: Duration.Input
  /** Called with the simulated seconds, entries and rows of each step. */
  readonly onStep: (step: {
    readonly seconds: number
    readonly entries: number
    readonly rows: number
  }) => Effect.Effect<void>
}

/** Milliseconds between batches of the collector. */
const flushMs = 1000
/** Entries per command, and rows per statement. */
const most = 2000

/** Retries until an unavailable store is back, so that an outage loses nothing. Retries can append copies. */
const untilStored = <A, E, R>(store: Effect.Effect<A, E, R>): Effect.Effect<A, never, R> =>
  Effect.orDie(Effect.retry(store, Schedule.spaced("250 millis")))

/** Stores all of a queue, in order. An interruption does not tear a chunk from the queue before it is stored. */
const drain = <A, B, E, R>(
  queue: Ref.Ref<ReadonlyArray<A>>,
  store: (chunk: ReadonlyArray<A>) => Effect.Effect<B, E, R>
) => {
  const storeNext = Effect.gen(function* () {
    const chunk = Array.take(yield* Ref.get(queue), most)
    yield* store(chunk)
    yield* Ref.update(queue, Array.drop(chunk.length))
    return chunk.length
  }).pipe(Effect.uninterruptible, untilStored)
  return Effect.gen(function* () {
    let stored = 0
    while ((yield* Ref.get(queue)).length > 0) stored += yield* storeNext
    return stored
  })
}

/** Plays a simulation: appends entries to the streams, and inserts rows once a second. Interruption stores the rest. */
export const play = Effect.fn("Simulation.play")(function* (options: PlayOptions) {
  const { deliver, end, onStep, simulation, sink, speed, start, tick = "100 millis" } = options
  const clockStart = yield* Clock.currentTimeMillis
  const unsent = yield* Ref.make<ReadonlyArray<NewEntry>>([])
  const waiting = yield* Ref.make<ReadonlyArray<ShareRow>>([])
  const send = drain(unsent, sink.append)
  const flush = drain(waiting, insertShares)
  const run = Effect.gen(function* () {
    let reached = start
    let flushedAt = clockStart
    while (reached < end) {
      const now = yield* Clock.currentTimeMillis
      const until = Math.min(end, now * 1000, start + (now - clockStart) * 1000 * speed)
      const { entries, rows } = deliver(simulation.eventsUntil(until), until)
      const queueBoth = Effect.andThen(
        Ref.set(unsent, entries),
        Ref.update(waiting, (former) => [...former, ...rows])
      )
      yield* Effect.uninterruptible(queueBoth)
      yield* send
      const isDue = now - flushedAt >= flushMs || until === end
      if (isDue) flushedAt = now
      const inserted = isDue ? yield* flush : 0
      yield* onStep({ seconds: Math.max(0, until - reached) / 1e6, entries: entries.length, rows: inserted })
      reached = Math.max(reached, until)
      if (reached < end) yield* Effect.sleep(tick)
    }
  })
  yield* Effect.onInterrupt(run, () => Effect.ignore(Effect.timeout(Effect.andThen(send, flush), "3 seconds")))
})
