import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import { get, getUntil } from "../support/Http.ts"
import { testProcess } from "../support/TestProcess.ts"
import type { TestProcess } from "../support/TestProcess.ts"
import { throwawayPostgres } from "../support/ThrowawayPostgres.ts"

/** Level and text of the log lines about Postgres, once the last one is written. */
const linesUntil = (service: TestProcess, last: string) =>
  Effect.repeat(service.output, {
    until: (output) => output.includes(last),
    schedule: Schedule.spaced("20 millis")
  }).pipe(
    Effect.map((output) =>
      Array.from(output.matchAll(/"level":"(\w+)","message":"([^"]*Postgres[^"]*)"/g), ([, level, text]) => [
        level,
        text
      ])
    )
  )

const lost = "Postgres unavailable; requests that need it get 503"
const back = "Postgres available again"

describe("a service that loses Postgres", () => {
  it.live("logs the loss at ERROR and the recovery at INFO, one line each, however many requests fail", () =>
    Effect.gen(function* () {
      const postgres = yield* throwawayPostgres
      const service = yield* testProcess({ TBG_ENVIRONMENT: "test", TBG_DATABASE_URL: postgres.url })
      const key = "tbg_01a1fddca6937d688fb65e31530cff99_0000000000000000000000000000000000000a"
      const read = get(`${service.url}/v1/teams/demo/posts`, { authorization: `Bearer ${key}` })
      yield* getUntil(`${service.url}/ready`, 200)
      yield* postgres.shutDown
      yield* getUntil(`${service.url}/ready`, 503)
      yield* Effect.repeat(read, { times: 20 })
      yield* linesUntil(service, lost)
      yield* postgres.startAgain
      assert.deepStrictEqual(yield* linesUntil(service, back), [
        ["ERROR", lost],
        ["INFO", back]
      ])
    })
  )
})
