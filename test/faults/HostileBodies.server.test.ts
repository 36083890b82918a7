import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Schedule } from "effect"
import { answerTo, request } from "../support/RawHttp.ts"
import { testProcess } from "../support/TestProcess.ts"
import type { TestProcess } from "../support/TestProcess.ts"

/** Deadline of /health, in milliseconds. */
const healthMs = 50
/** Maximum number of rounds, because other processes may delay some. */
const mostRounds = 60
/** Longest delay of /health in such a round, in milliseconds. */
const mostDelayMs = 1000
/** Maximum growth of memory in a round, in bytes. */
const mostGrowth = 100 * 1024 * 1024
const bodiesAtOnce = 20
const bodyBytes = 240_000

const filled = (item: (index: number) => string): string => {
  const items: Array<string> = []
  for (let length = 0; length < bodyBytes; length += (items.at(-1) ?? "").length + 1) items.push(item(items.length))
  return items.join()
}
const post = (rest: string) => `{"author_name":"a","content":"b",${rest}}`

/** Each has as many problems as fit into a body. */
const hostile = [
  ["numbers as tags", post(`"tags":[${filled(() => "0")}]`)],
  ["lists as tags", post(`"tags":[${filled(() => "[]")}]`)],
  ["objects as tags", post(`"tags":[${filled(() => '{"a":0}')}]`)],
  ["unknown fields", post(filled((index) => `"${index}":0`))],
  ["a thousand unknown fields", post(filled((index) => `"${"k".repeat(240)}${index}":0`))],
  ["text of the wrong kind", `{"author_name":"a","content":"${"\\u0007".repeat(bodyBytes / 6)}"}`]
] as const

const healthTime = (port: number) =>
  Effect.suspend(() => {
    const begun = performance.now()
    return Effect.map(answerTo(port, request("/health")), () => performance.now() - begun)
  })

const memoryOf = (port: number) =>
  Effect.map(answerTo(port, request("/metrics")), ({ body }) =>
    Number(/^process_resident_memory_bytes (\S+)$/m.exec(body)?.[1])
  )

const keyIn = ({ output }: TestProcess) =>
  Effect.repeat(
    Effect.map(output, (text) => /Bearer (tbg_[\w-]+)/.exec(text)?.[1]),
    {
      until: (key) => key !== undefined,
      schedule: Schedule.spaced("20 millis")
    }
  )

/** Sends the bodies at once and polls /health until all are answered; returns the slowest response time. */
const round = Effect.fnUntraced(function* (port: number, bytes: string) {
  const sent = yield* Effect.forkChild(
    Effect.all(
      Array.from({ length: bodiesAtOnce }, () => answerTo(port, bytes)),
      { concurrency: "unbounded" }
    )
  )
  let slowest = 0
  while (sent.pollUnsafe() === undefined) slowest = Math.max(slowest, yield* healthTime(port))
  const answers = yield* Fiber.join(sent)
  assert.deepStrictEqual(
    answers.map(({ status }) => status),
    answers.map(() => 422)
  )
  return slowest
})

describe("twenty hostile bodies at once", () => {
  it.live(
    "neither delay /health nor fill memory",
    () =>
      Effect.gen(function* () {
        const variables = { TBG_ENVIRONMENT: "test", TBG_RATE_LIMIT_MODE: "off", TBG_PROJECTION: "off" }
        const service = yield* testProcess(variables, { args: ["serve", "--demo"] })
        const { port } = service
        const headers = { Authorization: `Bearer ${yield* keyIn(service)}` }
        yield* Effect.repeat(healthTime(port), { times: 100 })
        for (const [name, body] of hostile) {
          const bytes = request("/v1/teams/demo/posts", { method: "POST", body, headers })
          const checked = Effect.gen(function* () {
            const before = yield* memoryOf(port)
            const slowest = yield* round(port, bytes)
            assert.isBelow(slowest, mostDelayMs, name)
            assert.isBelow((yield* memoryOf(port)) - before, mostGrowth, name)
            return slowest
          })
          const last = yield* Effect.repeat(checked, { until: (slowest) => slowest < healthMs, times: mostRounds - 1 })
          assert.isBelow(last, healthMs, name)
        }
      }),
    120_000
  )
})
