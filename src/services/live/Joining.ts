import { Effect, Schedule } from "effect"
import type { ResetReason } from "../../domain/live/LiveEvent.ts"
import type { LiveStream } from "./LiveStream.ts"
import type { OutboxTail } from "./OutboxTail.ts"
import type { Ring } from "./Ring.ts"
import type { StreamIds } from "./StreamIds.ts"

export interface JoiningOptions {
  readonly tail: OutboxTail
  readonly ids: StreamIds
  readonly onReset: (reason: ResetReason) => void
  readonly onResumed: () => void
  /** Called when a stream has caught up, so that it gets new events at once. */
  readonly onJoined: (stream: LiveStream) => void
}

const retryEvery = Schedule.spaced("250 millis")

/** Finds the place in the outbox from which each new stream continues. */
export const makeJoining = ({ ids, onJoined, onReset, onResumed, tail }: JoiningOptions) => {
  /** Streams whose place is not known yet. */
  const waiting = new Set<LiveStream>()

  const joinAt = (stream: LiveStream, n: number): void => {
    waiting.delete(stream)
    stream.seen = n
    stream.isReplaying = false
    onJoined(stream)
  }

  /** Sends `reset`, and continues the stream with the next event. */
  const reset = (stream: LiveStream, { last }: Ring, reason: ResetReason): void => {
    joinAt(stream, last)
    onReset(reason)
    stream.send({ n: last, kind: "required", bytes: ids.frame(last, { type: "reset", reason }) })
  }

  /** Continues a stream after the number of its cursor. */
  const resume = Effect.fnUntraced(function* (stream: LiveStream, ring: Ring) {
    // The snapshot, or another process, may be ahead of this one.
    if (stream.seen > ring.last) yield* tail.pollFor(stream.seen)
    if (!waiting.has(stream)) return
    if (stream.seen > ring.last) return reset(stream, ring, "unknown_cursor")
    if (stream.seen < ring.start) return reset(stream, ring, "too_old")
    yield* tail.recheck(stream, ring)
    if (!waiting.delete(stream)) return
    onResumed()
    stream.pump()
    if (!stream.isReplaying) onJoined(stream)
  })

  const join = Effect.fnUntraced(function* (stream: LiveStream, cursor: string | undefined) {
    if (!waiting.has(stream)) return
    const ring = tail.ring()
    if (ring === undefined) return yield* Effect.fail("not started" as const)
    if (cursor === undefined) return joinAt(stream, ring.last)
    if (ids.numberOf(cursor) === undefined) return reset(stream, ring, "unknown_cursor")
    yield* resume(stream, ring)
  })

  return {
    reset,
    isWaiting: (stream: LiveStream): boolean => waiting.has(stream),
    forget: (stream: LiveStream): void => void waiting.delete(stream),
    /** Finds the place of a stream without a cursor. Returns false if `later` has to find it. */
    now: (stream: LiveStream, cursor: string | undefined): boolean => {
      waiting.add(stream)
      const ring = tail.ring()
      if (ring === undefined || cursor !== undefined) return false
      joinAt(stream, ring.last)
      return true
    },
    /** Finds the place of a stream as soon as Postgres answers. */
    later: (stream: LiveStream, cursor: string | undefined) =>
      join(stream, cursor).pipe(Effect.sandbox, Effect.retry(retryEvery), Effect.ignore)
  }
}
