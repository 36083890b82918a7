import { Effect, Schedule, Schema } from "effect"

export interface Answer {
  readonly status: number
  readonly body: unknown
  readonly elapsedMs: number
}

class NoAnswer extends Schema.TaggedError<NoAnswer>()("NoAnswer", { cause: Schema.Defect() }) {}

/** Sends a GET to a running service; fails without a response. */
export const get = (url: string, headers: Readonly<Record<string, string>> = {}) =>
  Effect.tryPromise({
    try: async (signal): Promise<Answer> => {
      const begun = performance.now()
      const response = await fetch(url, { headers, signal })
      const body: unknown = await response.json()
      return { status: response.status, body, elapsedMs: performance.now() - begun }
    },
    catch: (cause) => new NoAnswer({ cause })
  })

class NotYet extends Schema.TaggedError<NotYet>()("NotYet", { answer: Schema.Unknown }) {}

/** Polls until the response has this status, for at most ten seconds. */
export const getUntil = (url: string, status: number) =>
  get(url).pipe(
    Effect.flatMap((answer) => (answer.status === status ? Effect.succeed(answer) : new NotYet({ answer }))),
    Effect.retry(Schedule.spaced("20 millis")),
    Effect.timeout("10 seconds")
  )
