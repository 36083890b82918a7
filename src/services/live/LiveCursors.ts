import { Effect, Schema } from "effect"
import { Count } from "../../domain/Text.ts"
import { Cursors } from "../Cursors.ts"

/**
 * Place in a stream. `n` is the number of the outbox event up to which the stream is complete. `s` makes the ids of
 * events that are not from the outbox unique; it is 0 for those of the outbox.
 */
const LivePlace = Schema.Struct({ n: Count, s: Count })
type LivePlace = typeof LivePlace.Type

/** Codec of the ids of live events, which all replicas accept. It does not depend on topics. */
export const liveCursors = Effect.map(Cursors, ({ of }) => {
  const cursors = of(LivePlace, "live")
  return {
    encode: (place: LivePlace): string => cursors.encode("", place),
    /** Returns `undefined` for text that the service did not sign as an id of a live event. */
    decode: (text: string): LivePlace | undefined => cursors.decode("", text)
  }
})
