import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { answersTo, answerTo, request } from "../support/RawHttp.ts"
import { testProcess } from "../support/TestProcess.ts"

const test = { TBG_ENVIRONMENT: "test" }

const requestsIn = (output: string): ReadonlyArray<Record<string, unknown>> =>
  output
    .split("\n")
    .filter((line) => line.includes('"message":"request"'))
    .map((line) => Object(JSON.parse(line)))

describe("the access log of tbg serve", () => {
  it.live("has one line per request except probes, and is complete when the process exits", () =>
    Effect.gen(function* () {
      const service = yield* testProcess(test)
      const ids = Array.from({ length: 50 }, (_, n) => `r${n}`)
      const bytes = ids.map((id, n) =>
        request(n % 2 === 0 ? "/version" : "/nothing", { keepAlive: n < 49, headers: { "X-Request-Id": id } })
      )
      yield* answerTo(service.port, request("/health", { headers: { "X-Request-Id": "probe" } }))
      yield* answersTo(service.port, bytes.join(""))
      yield* service.signal("SIGTERM")
      assert.deepStrictEqual(yield* service.exit, { code: 0, signal: null })
      const requests = requestsIn(yield* service.output)
      assert.deepStrictEqual(
        requests.map((fields) => fields["request_id"]),
        ids
      )
      const { duration_ms, time, ...fields } = requests[0] ?? {}
      assert.isAbove(Number(duration_ms), 0)
      assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      assert.deepInclude(fields, {
        level: "INFO",
        message: "request",
        method: "GET",
        route: "/version",
        path: "/version",
        status: 200,
        request_id: "r0",
        trace_id: null,
        client_address: "127.0.0.1",
        team: null,
        api_key_id: null,
        limited_by: null,
        user_agent: null
      })
    })
  )

  it.live("includes probes at DEBUG", () =>
    Effect.gen(function* () {
      const service = yield* testProcess({ ...test, TBG_LOG_LEVEL: "DEBUG" })
      yield* answerTo(service.port, request("/health"))
      yield* service.signal("SIGTERM")
      yield* service.exit
      const [line, ...others] = requestsIn(yield* service.output)
      assert.isEmpty(others)
      assert.deepInclude(line, { level: "DEBUG", route: "/health" })
    })
  )
})
