import { Clock, Effect } from "effect"
import { eventFrame } from "../../domain/live/Frame.ts"
import type { BoardEvent, GapEvent, ResetEvent, SummaryEvent } from "../../domain/live/LiveEvent.ts"
import { liveCursors } from "./LiveCursors.ts"

/** Event that is not from the outbox. */
export type UnnumberedEvent = SummaryEvent | BoardEvent | GapEvent | ResetEvent

/** Ids of events, which are also cursors. */
export const streamIds = Effect.gen(function* () {
  const clock = yield* Clock.Clock
  const { decode, encode } = yield* liveCursors
  let serial = 0

  /** Returns a new id for an event that is not from the outbox. `n` is the number up to which the stream is complete. */
  const uniqueIdOf = (n: number): string => {
    serial = Math.max(clock.currentTimeMillisUnsafe(), serial + 1)
    return encode({ n, s: serial })
  }
  return {
    uniqueIdOf,
    /** Id of an event of the outbox. */
    idOf: (n: number): string => encode({ n, s: 0 }),
    /** Number in a cursor; undefined if the service did not sign it. */
    numberOf: (cursor: string): number | undefined => decode(cursor)?.n,
    /** Frame of an event that is not from the outbox. */
    frame: (n: number, event: UnnumberedEvent): Uint8Array =>
      eventFrame(uniqueIdOf(n), event.type, JSON.stringify(event))
  }
})
export type StreamIds = Effect.Success<typeof streamIds>
