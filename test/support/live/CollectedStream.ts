import { Effect, Schedule, Schema } from "effect"
import { LiveHub } from "../../../src/services/live/LiveHub.ts"
import type { Subscription } from "../../../src/services/live/Subscription.ts"

const Frame = Schema.Struct({ type: Schema.String })
/** Decodes the data of an event. */
export const decodeData = Schema.decodeUnknownSync(
  Schema.fromJsonString(Schema.StructWithRest(Frame, [Schema.Record(Schema.String, Schema.Unknown)]))
)
export type ReceivedEvent = ReturnType<typeof decodeData>

const dataIn = /^data: (.*)$/gmu

/** Data of all events in the text of a stream. */
export const eventsIn = (text: string): ReadonlyArray<ReceivedEvent> =>
  [...text.matchAll(dataIn)].map(([, data]) => decodeData(data))

const anonymous: Subscription = { topics: [], session: undefined, own: [], ticket: undefined, cursor: undefined }
const poll = Schedule.spaced("20 millis")

/** Opens a stream of the hub in scope that reads at once, and collects its events. */
export const collectedStream = Effect.fnUntraced(function* (subscription: Partial<Subscription>) {
  const hub = yield* LiveHub
  const decoder = new TextDecoder()
  let text = ""
  let isEnded = false
  hub.open(
    { ...anonymous, ...subscription },
    {
      write: (parts, onFlushed) => {
        for (const part of parts) text += decoder.decode(part)
        setImmediate(onFlushed)
      },
      end: () => (isEnded = true),
      destroy: () => (isEnded = true)
    }
  )
  const events = Effect.sync(() => eventsIn(text))
  return {
    events,
    isEnded: Effect.sync(() => isEnded),
    /** Waits for an event. */
    until: (isWanted: (event: ReceivedEvent) => boolean) =>
      Effect.repeat(events, { until: (all) => all.some(isWanted), schedule: poll })
  }
})
