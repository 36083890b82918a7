import { Clock, Effect, Fiber, Random, Schedule } from "effect"
import { heartbeatFrame, helloFrame } from "../../domain/live/Frame.ts"
import type { ByeReason } from "../../domain/live/LiveEvent.ts"
import { inBackground } from "../Background.ts"
import { replayFrom } from "./Delivery.ts"
import { makeJoining } from "./Joining.ts"
import { liveMetrics } from "./LiveMetrics.ts"
import { LiveStream } from "./LiveStream.ts"
import type { StreamContext } from "./LiveStream.ts"
import { makeOutboxTail } from "./OutboxTail.ts"
import type { OutboxTail } from "./OutboxTail.ts"
import type { RingLimits } from "./Ring.ts"
import { makeStateUpdates } from "./StateUpdates.ts"
import { streamIds } from "./StreamIds.ts"
import { StreamIndex } from "./StreamIndex.ts"
import type { Connection, Sink, Subscription } from "./Subscription.ts"

/** Bounds of the ring and of slow clients. */
export interface HubOptions extends RingLimits {
  /** Milliseconds after which a stream is closed if bytes have waited for its client the whole time. */
  readonly stalledMs: number
}

export const hubDefaults: HubOptions = { maxBytes: 32 * 1024 * 1024, maxAgeMs: 600_000, stalledMs: 30_000 }

const pollEvery = "50 millis"
/** Without streams, the outbox is read only as often as the ring needs. */
const idlePollMs = 1000
/** Time for Postgres to answer before a stream is told the age of the data. */
const joinDeadline = "1 second"
const heartbeatSeconds = 15
const minRetryMs = 1000
const maxRetryMs = 3000

export const makeHub = Effect.fnUntraced(function* (options: HubOptions) {
  const clock = yield* Clock.Clock
  const random = yield* Random.Random
  const run = Effect.runForkWith(yield* Effect.context())
  const index = new StreamIndex()
  const ids = yield* streamIds
  const metrics = yield* liveMetrics(index)
  let opened = 0
  let seconds = 0
  let polledAt = Number.NEGATIVE_INFINITY
  /** False while the ring is filled with events that were committed before this process began. */
  let isFilled = false
  /** Time over which reconnects are spread; undefined unless the process is shutting down. */
  let spreadMs: number | undefined

  const last = (): number => tail.ring()?.last ?? 0
  const states = yield* makeStateUpdates({ index, ids, last })
  const tail: OutboxTail = yield* makeOutboxTail({
    limits: options,
    index,
    idOf: ids.idOf,
    onEntries: (entries) => {
      states.onEntries(entries)
      const at = entries.at(-1)?.at ?? 0
      // Sockets write at the end of this turn of the event loop.
      if (isFilled && index.size > 0) setImmediate(() => metrics.delivered(clock.currentTimeMillisUnsafe() - at))
    },
    onLoss: (ring) => index.all.forEach((stream) => joining.reset(stream, ring, "outage"))
  })
  const joining = makeJoining({
    tail,
    ids,
    onReset: metrics.reset,
    onResumed: () => metrics.resumed(1),
    onJoined: states.onOpen
  })

  const context: StreamContext = {
    idOf: ids.uniqueIdOf,
    last,
    now: () => clock.currentTimeMillisUnsafe(),
    gapOf: (n, dropped) => ids.frame(n, { type: "gap", dropped }),
    replay: (stream, size) => {
      const ring = tail.ring()
      if (ring === undefined || joining.isWaiting(stream)) return []
      if (stream.seen < ring.start) {
        joining.reset(stream, ring, "too_old")
        return []
      }
      const items = replayFrom(ring, stream, size, ids.idOf)
      if (!stream.isReplaying) states.onOpen(stream)
      return items
    },
    onDropped: metrics.dropped,
    onEnd: (stream, reason) => {
      joining.forget(stream)
      index.remove(stream)
      metrics.ended(reason)
    }
  }

  const greet = (stream: LiveStream) => Effect.ignore(Effect.sandbox(states.greet(stream)))

  const open = (subscription: Subscription, sink: Sink): Connection => {
    const { cursor, ticket } = subscription
    opened += 1
    const n = cursor === undefined ? undefined : ids.numberOf(cursor)
    const stream = new LiveStream(opened, subscription, n ?? last(), sink, context)
    for (const other of ticket === undefined ? [] : index.all) {
      if (other.subscription.ticket?.id === ticket?.id) other.end("replaced")
    }
    index.add(stream)
    const retryMs = Math.round(minRetryMs + random.nextDoubleUnsafe() * (maxRetryMs - minRetryMs))
    stream.send({ n: stream.seen, kind: "required", bytes: helloFrame(retryMs) })
    if (spreadMs !== undefined) stream.end("draining", Math.round(random.nextDoubleUnsafe() * spreadMs))
    else if (joining.now(stream, cursor)) run(greet(stream))
    else {
      const joined = run(joining.later(stream, cursor))
      // `reset` is the first event. Without an answer of Postgres, the age of the data is.
      run(Effect.andThen(Effect.timeoutOption(Fiber.await(joined), joinDeadline), greet(stream)))
    }
    return { onClose: stream.onClose }
  }

  const poll = Effect.suspend(() => {
    const now = clock.currentTimeMillisUnsafe()
    if (index.size === 0 && now - polledAt < idlePollMs) return Effect.void
    polledAt = now
    return Effect.andThen(
      tail.poll,
      Effect.sync(() => (isFilled = true))
    )
  })

  const checkClients = Effect.sync(() => {
    seconds += 1
    const now = clock.currentTimeMillisUnsafe()
    const n = last()
    const bytes = heartbeatFrame(ids.idOf(n))
    for (const stream of index.all) {
      if (stream.waitingMs(now) >= options.stalledMs) stream.destroy("stalled")
      else if (stream.isCurrent && (stream.id + seconds) % heartbeatSeconds === 0)
        stream.send({ n, kind: "required", bytes })
      else stream.pump()
    }
  })

  const repeat = (name: string, effect: Effect.Effect<void, unknown>, every: "50 millis" | "1 second") =>
    effect.pipe(
      Effect.catchCause((cause) => Effect.annotateLogs(Effect.logDebug("live updates delayed", cause), { task: name })),
      Effect.repeat(Schedule.spaced(every)),
      inBackground
    )
  yield* repeat("read", poll, pollEvery)
  yield* repeat("clients", checkClients, "1 second")
  yield* repeat("boards", states.followBoards, "50 millis")
  yield* repeat("states", states.turn, "50 millis")
  yield* repeat("report", states.report, "1 second")

  return {
    open,
    streams: Effect.sync(() =>
      index.all.map(({ id, miners, own, subscription: { session, ticket } }) => ({
        id,
        session,
        ticket,
        miners,
        own
      }))
    ),
    end: Effect.fn("LiveHub.end")((id: number, reason: ByeReason) => Effect.sync(() => index.get(id)?.end(reason))),
    setOwn: Effect.fn("LiveHub.setOwn")((id: number, addresses: ReadonlyArray<string>) =>
      Effect.sync(() => {
        const stream = index.get(id)
        if (stream === undefined) return
        index.remove(stream)
        stream.setOwn(addresses)
        index.add(stream)
        states.onOpen(stream)
      })
    ),
    drain: Effect.fn("LiveHub.drain")((overMs: number) =>
      Effect.sync(() => {
        spreadMs = Math.max(minRetryMs, overMs)
        const streams = index.all
        for (const [order, stream] of streams.entries()) {
          stream.end("draining", Math.round((spreadMs * (order + 1)) / streams.length))
        }
      })
    )
  }
})
