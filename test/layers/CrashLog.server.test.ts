import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { testProcess } from "../support/TestProcess.ts"

/** Runs code inside the process on a signal. */
const atSignal = (statement: string) =>
  `--import=data:text/javascript,${encodeURIComponent(`process.on("SIGUSR2", () => { ${statement} })`)}`

describe("a crash of the service", () => {
  it.live.each(['throw new Error("c4n4ry")', 'void Promise.reject(new Error("c4n4ry"))'])(
    "is logged on one line in the log format, and ends the process: %s",
    (statement) =>
      Effect.gen(function* () {
        const service = yield* testProcess({ TBG_ENVIRONMENT: "test", NODE_OPTIONS: atSignal(statement) })
        yield* service.signal("SIGUSR2")
        assert.deepStrictEqual(yield* service.exit, { code: 1, signal: null })
        const lines = (yield* service.output).trimEnd().split("\n")
        const fields = lines.map((line) => Object(JSON.parse(line)))
        const crashes = fields.filter(({ level }) => level === "CRITICAL")
        assert.strictEqual(crashes.length, 1)
        assert.strictEqual(crashes[0]?.message, "process crashed")
        assert.match(String(crashes[0]?.error), /c4n4ry/)
        for (const line of fields) assert.containsAllKeys(line, ["time", "level", "message"])
      })
  )
})

describe("a warning from Node.js", () => {
  it.live("is logged on one line in the log format", () =>
    Effect.gen(function* () {
      const statement =
        'process.emitWarning("c4n4ry is old", "DeprecationWarning"); process.kill(process.pid, "SIGTERM")'
      const service = yield* testProcess({ TBG_ENVIRONMENT: "test", NODE_OPTIONS: atSignal(statement) })
      yield* service.signal("SIGUSR2")
      assert.deepStrictEqual(yield* service.exit, { code: 0, signal: null })
      const lines = (yield* service.output).trimEnd().split("\n")
      const { time: _, ...warning } = Object(JSON.parse(lines.find((line) => line.includes("c4n4ry")) ?? "null"))
      assert.deepStrictEqual(warning, {
        level: "WARNING",
        message: "Node.js warning",
        name: "DeprecationWarning",
        warning: "c4n4ry is old"
      })
    })
  )
})
