import { Effect, Schedule, Schema } from "effect"
import { decodeData } from "./CollectedStream.ts"

export interface FetchedEvent {
  readonly id: string
  readonly data: ReturnType<typeof decodeData>
}

const eventIn = /id: (\S+)\nevent: \S+\ndata: (.*)\n\n/gu
const poll = Schedule.spaced("20 millis")

const decodePlace = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Struct({ n: Schema.Int })))

/** Bytes of a cursor before its place: a version and a signature. */
const headBytes = 17

/** Opens a stream over HTTP and collects its events until the scope closes. */
export const fetchedStream = Effect.fnUntraced(function* (url: string) {
  const controller = new AbortController()
  yield* Effect.addFinalizer(() => Effect.sync(() => controller.abort()))
  const response = yield* Effect.promise(() => fetch(url, { signal: controller.signal }))
  const decoder = new TextDecoder()
  const events: Array<FetchedEvent> = []
  let rest = ""
  let isEnded = false
  const receive = (bytes: Uint8Array): void => {
    rest += decoder.decode(bytes, { stream: true })
    const end = rest.lastIndexOf("\n\n") + 2
    for (const [, id = "", data] of rest.slice(0, end).matchAll(eventIn)) events.push({ id, data: decodeData(data) })
    rest = rest.slice(end)
  }
  yield* Effect.forkScoped(
    Effect.promise(async () => {
      for await (const bytes of response.body ?? []) receive(bytes)
    }).pipe(Effect.exit, Effect.andThen(Effect.sync(() => (isEnded = true))))
  )
  return {
    events: Effect.sync(() => [...events]),
    isEnded: Effect.sync(() => isEnded),
    /** Runs an action, and waits for an event that is received after the start of it. */
    after: <E, R>(action: Effect.Effect<unknown, E, R>, isWanted: (event: FetchedEvent) => boolean) =>
      Effect.suspend(() => {
        const from = events.length
        const isFound = Effect.sync(() => events.slice(from).some(isWanted))
        return Effect.andThen(action, Effect.repeat(isFound, { until: (isFound) => isFound, schedule: poll }))
      }),
    /** Number of the outbox in an id. */
    numberOf: (id: string): number => decodePlace(Buffer.from(id, "base64url").toString("utf8", headBytes)).n
  }
})
