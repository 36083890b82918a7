import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger, References } from "effect"
import { consoleLine, jsonLine } from "../../src/layers/Logger.ts"

/** What `effect` logs, formatted by `format`. */
const linesOf = (effect: Effect.Effect<unknown>, format: typeof jsonLine) => {
  const lines: Array<string> = []
  const logger = Logger.make<unknown, void>((entry) => void lines.push(format(entry)))
  return effect.pipe(
    Effect.provide(Logger.layer([logger])),
    Effect.provideService(References.MinimumLogLevel, "All"),
    Effect.as(lines)
  )
}

describe("Logger", () => {
  it.effect("writes time, level, message and annotations as one line of JSON", () =>
    Effect.gen(function* () {
      const entry = Effect.annotateLogs(Effect.logInfo("listening"), { url: "http://localhost:8000", start_ms: 12 })
      const [line] = yield* linesOf(entry, jsonLine)
      assert.strictEqual(
        line,
        '{"time":"1970-01-01T00:00:00.000Z","level":"INFO","message":"listening",' +
          '"url":"http://localhost:8000","start_ms":12}\n'
      )
    })
  )

  it.effect("includes trace and span ids inside a span", () =>
    Effect.gen(function* () {
      const [line] = yield* linesOf(Effect.withSpan(Effect.logInfo("inside"), "work"), jsonLine)
      assert.match(line ?? "", /"trace_id":"[0-9a-f]{32}","span_id":"[0-9a-f]{16}"/)
    })
  )

  it.effect("includes no ids outside a trace", () =>
    Effect.gen(function* () {
      const inside = Effect.withTracerEnabled(Effect.withSpan(Effect.logInfo("inside"), "work"), false)
      const [line] = yield* linesOf(inside, jsonLine)
      assert.strictEqual(line, '{"time":"1970-01-01T00:00:00.000Z","level":"INFO","message":"inside"}\n')
    })
  )

  it.effect("keeps the annotations of two fibers apart", () =>
    Effect.gen(function* () {
      const request = (id: string) =>
        Effect.annotateLogs(Effect.andThen(Effect.yieldNow, Effect.logInfo("served")), { request_id: id })
      const lines = yield* linesOf(Effect.all([request("a"), request("b")], { concurrency: 2 }), jsonLine)
      assert.deepStrictEqual(
        lines.map((line) => /"request_id":"(.)"/.exec(line)?.[1]),
        ["a", "b"]
      )
    })
  )

  it.effect("keeps any message on one line", () =>
    Effect.gen(function* () {
      const [line] = yield* linesOf(Effect.logInfo('a\n{"level":"ERROR"}'), jsonLine)
      assert.strictEqual(line?.trimEnd().includes("\n"), false)
    })
  )

  it.effect("uses the level names that operators know for warnings and fatal errors", () =>
    Effect.gen(function* () {
      const lines = yield* linesOf(Effect.andThen(Effect.logWarning("w"), Effect.logFatal("f")), jsonLine)
      assert.deepStrictEqual(
        lines.map((line) => /"level":"([A-Z]+)"/.exec(line)?.[1]),
        ["WARNING", "CRITICAL"]
      )
    })
  )

  it.effect("writes the console format with the cause below", () =>
    Effect.gen(function* () {
      const failing = Effect.catchCause(Effect.die(new Error("boom")), (cause) => Effect.logError("it broke", cause))
      const [line] = yield* linesOf(Effect.annotateLogs(failing, { port: 8000 }), consoleLine(false))
      assert.match(line ?? "", /^00:00:00\.000 ERROR {4}it broke port=8000\nError: boom/)
    })
  )

  it.effect("colors the level on a terminal", () =>
    Effect.gen(function* () {
      const [line] = yield* linesOf(Effect.logInfo("x"), consoleLine(true))
      assert.include(line, "\u001B[32mINFO")
    })
  )
})
