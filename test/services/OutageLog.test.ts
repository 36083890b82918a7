import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Ref, Schema } from "effect"
import { TestClock } from "effect/testing"
import type { Fault } from "../../src/domain/Dependency.ts"
import { logOutages } from "../../src/services/OutageLog.ts"
import { Readiness } from "../../src/services/Readiness.ts"
import { capturedLogger } from "../support/MockLayers.ts"

const Line = Schema.fromJsonString(
  Schema.Struct({
    level: Schema.String,
    message: Schema.String,
    fault: Schema.optionalKey(Schema.String),
    outage_ms: Schema.optionalKey(Schema.Int)
  })
)

/** Log lines of a service whose database has these states for three seconds each. */
const linesOf = Effect.fnUntraced(function* (...states: ReadonlyArray<Fault | undefined>) {
  const state = yield* Ref.make<Fault | undefined>(undefined)
  const lines: Array<string> = []
  yield* Effect.gen(function* () {
    yield* logOutages("1 second")
    for (const fault of states) {
      yield* Ref.set(state, fault)
      yield* TestClock.adjust("3 seconds")
    }
  }).pipe(
    Effect.provide(
      Layer.mock(Readiness, { database: Effect.map(Ref.get(state), (fault) => ({ fault, elapsedMs: 1 })) })
    ),
    Effect.provide(capturedLogger((line) => void lines.push(line)))
  )
  return yield* Effect.forEach(lines, (line) => Schema.decodeUnknownEffect(Line)(line))
})

const lost = { level: "ERROR", message: "Postgres unavailable; requests that need it get 503" }
const unwritable = { level: "ERROR", message: "Postgres accepts no writes; they get 503, reads continue" }
const back = { level: "INFO", message: "Postgres available again" }

describe("logOutages", () => {
  it.effect("logs a loss and the recovery, one line each", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* linesOf(undefined, "unreachable", undefined), [
        { ...lost, fault: "unreachable" },
        { ...back, outage_ms: 3000 }
      ])
    })
  )

  it.effect("logs each change of the reason, and counts one outage from its beginning", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* linesOf("unreachable", "read_only", "full", undefined), [
        { ...lost, fault: "unreachable" },
        { ...unwritable, fault: "read_only" },
        { ...unwritable, fault: "full" },
        { ...back, outage_ms: 10_000 }
      ])
    })
  )

  it.effect("logs nothing while Postgres is available", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* linesOf(undefined, undefined), [])
    })
  )
})
