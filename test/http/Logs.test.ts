import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { canary } from "../support/FaultyApi.ts"
import { answerTo, request } from "../support/RawHttp.ts"
import { faultyServer } from "../support/TestEdge.ts"

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736"

const linesOf = (lines: ReadonlyArray<string>, id: string): ReadonlyArray<Record<string, unknown>> =>
  lines.map((line) => Object(JSON.parse(line))).filter((fields) => fields.request_id === id)

describe("the log", () => {
  it.live.each(["/faulty/defect", "/faulty/misfit", "/faulty/turns/a"])(
    "records a defect once, with its cause, request and trace: %s",
    (path) =>
      Effect.gen(function* () {
        const { lines, port } = yield* faultyServer({ tracing: true })
        const headers = { "X-Request-Id": "test-123", traceparent: `00-${traceId}-00f067aa0ba902b7-01` }
        yield* answerTo(port, request(path, { headers }))
        const errors = linesOf(lines, "test-123").filter(({ level }) => level === "ERROR")
        assert.strictEqual(errors.length, 1)
        assert.strictEqual(errors[0]?.["trace_id"], traceId)
        assert.match(String(errors[0]?.["error"]), new RegExp(`${canary}|HttpApiSchemaError|defect of a`))
      })
  )

  it.live("records a request once, under the caller's trace", () =>
    Effect.gen(function* () {
      const { lines, port } = yield* faultyServer({ tracing: true })
      const headers = { "X-Request-Id": "test-123", traceparent: `00-${traceId}-00f067aa0ba902b7-01` }
      yield* answerTo(port, request("/faulty/declared/CONFLICT", { headers }))
      const [line, ...others] = linesOf(lines, "test-123")
      assert.isEmpty(others)
      assert.deepInclude(line, {
        level: "INFO",
        message: "request",
        method: "GET",
        route: "/faulty/declared/:code",
        status: 409,
        trace_id: traceId,
        client_address: "127.0.0.1"
      })
    })
  )

  it.live("records client errors at INFO at most", () =>
    Effect.gen(function* () {
      const { lines, port } = yield* faultyServer()
      for (const path of ["/nothing", "/faulty/declared/UNAUTHORIZED", "/%ff", "/faulty/declared/CONFLICT"]) {
        yield* answerTo(port, request(path))
      }
      assert.deepStrictEqual(
        lines.map((line) => Object(JSON.parse(line)).level),
        ["INFO", "INFO", "INFO", "INFO"]
      )
    })
  )

  it.live("keeps the fields of concurrent requests apart", () =>
    Effect.gen(function* () {
      const { lines, port } = yield* faultyServer({ tracing: true })
      const names = Array.from({ length: 30 }, (_, n) => `n${n}`)
      const ask = (name: string) =>
        answerTo(port, request(`/faulty/turns/${name}`, { headers: { "X-Request-Id": name, "User-Agent": name } }))
      yield* Effect.all(names.map(ask), { concurrency: "unbounded" })
      for (const name of names) {
        const [error, access, ...others] = linesOf(lines, name)
        assert.isEmpty(others)
        assert.match(String(error?.["error"]), new RegExp(`defect of ${name}\\b`))
        assert.strictEqual(access?.["user_agent"], name)
        assert.strictEqual(access?.["trace_id"], error?.["trace_id"])
      }
      const traces = new Set(lines.map((line) => Object(JSON.parse(line)).trace_id))
      assert.strictEqual(traces.size, names.length)
    })
  )

  it.live.each([
    ["INFO", 0],
    ["DEBUG", 1]
  ] as const)("records probes only at DEBUG: at %s", ([level, expected]) =>
    Effect.gen(function* () {
      const { lines, port } = yield* faultyServer({ variables: { TBG_LOG_LEVEL: level } })
      yield* answerTo(port, request("/faulty/probe"))
      assert.strictEqual(lines.length, expected)
    })
  )

  it.live("never contains a query string, which may hold secrets", () =>
    Effect.gen(function* () {
      const { lines, port } = yield* faultyServer({ variables: { TBG_LOG_LEVEL: "DEBUG" } })
      for (const path of ["/faulty/probe", "/nothing", "/faulty/declared/CONFLICT", "/faulty/defect"]) {
        yield* answerTo(port, request(`${path}?token=hunter2`))
      }
      assert.notInclude(lines.join(""), "hunter2")
    })
  )
})
