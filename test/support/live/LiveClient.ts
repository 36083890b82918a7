import { Effect, Schedule } from "effect"
import { get } from "node:http"
import type { IncomingMessage } from "node:http"
import { eventsIn } from "./CollectedStream.ts"

const idIn = /^id: (.*)$/gmu
const poll = Schedule.spaced("10 millis")

const responseTo = (url: string, headers: Readonly<Record<string, string>>) =>
  Effect.callback<IncomingMessage>((resume) => {
    get(url, { headers, agent: false }, (response) => resume(Effect.succeed(response)))
  })

/** Opens a stream over HTTP, in scope, and collects its text. */
export const openStream = Effect.fnUntraced(function* (
  url: string,
  topics: string,
  headers: Readonly<Record<string, string>> = {}
) {
  const response = yield* Effect.acquireRelease(
    responseTo(`${url}/api/v1/live?topics=${topics}`, headers),
    (response) => Effect.sync(() => response.destroy())
  )
  let text = ""
  let isEnded = false
  response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk))
  response.on("error", () => {}).on("close", () => (isEnded = true))
  const events = Effect.sync(() => eventsIn(text))
  return {
    status: response.statusCode,
    headers: response.headers,
    text: Effect.sync(() => text),
    events,
    lastId: Effect.sync(() => [...text.matchAll(idIn)].at(-1)?.[1] ?? ""),
    /** Waits for a number of events of a type, and returns them. */
    until: (type: string, count = 1) =>
      Effect.map(
        Effect.repeat(events, {
          until: (all) => all.filter((event) => event.type === type).length >= count,
          schedule: poll
        }),
        (all) => all.filter((event) => event.type === type)
      ),
    ended: Effect.repeat(
      Effect.sync(() => isEnded),
      { until: (isEnded) => isEnded, schedule: poll }
    ),
    close: Effect.sync(() => response.destroy())
  }
})
