import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect } from "effect"
import { ConnectionError, SqlError, UnknownError } from "effect/sql/SqlError"
import { makeStatementFailureLog } from "../../../src/http/middleware/StatementFailureLog.ts"
import { capturedLogs } from "../../support/CapturedLogs.ts"

const canary = "canary-9c1e"
const failed = (code: string) =>
  new SqlError({
    reason: new UnknownError({ cause: Object.assign(new Error(canary), { code }), message: canary, operation: "query" })
  })
const deadlock = failed("40P01")
const late = failed("57014")
const away = new SqlError({ reason: new ConnectionError({ cause: new Error(canary), operation: "connect" }) })
const busy = new SqlError({ reason: new ConnectionError({ cause: new Error(canary), operation: "acquire" }) })

/** Number of log lines for these causes at these times in seconds. */
const linesOf = (...ended: ReadonlyArray<readonly [cause: Cause.Cause<unknown>, at: number]>) =>
  Effect.gen(function* () {
    const { entries, layer } = yield* capturedLogs
    const logStatementFailure = makeStatementFailureLog()
    yield* Effect.forEach(ended, ([cause, at]) => logStatementFailure(cause, at * 1000)).pipe(Effect.provide(layer))
    assert.notInclude(JSON.stringify(entries), canary)
    return entries.length
  })

describe("the log of transient failures", () => {
  it.effect("has one line for all requests that fail for one reason", () =>
    Effect.gen(function* () {
      const requests = Array.from({ length: 100 }, (_, n) => [Cause.die(deadlock), n] as const)
      assert.strictEqual(yield* linesOf(...requests), 1)
    })
  )

  it.effect("has one line per reason, and another if the reason returns later", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* linesOf([Cause.die(deadlock), 0], [Cause.fail(late), 0], [Cause.die(deadlock), 11]), 3)
    })
  )

  it.effect("has no line for an outage, and one for a full pool", () =>
    Effect.gen(function* () {
      const outages = [away, failed("25006"), failed("53100"), failed("28P01"), failed("3D000")]
      assert.strictEqual(yield* linesOf(...outages.map((error) => [Cause.die(error), 0] as const)), 0)
      assert.strictEqual(yield* linesOf([Cause.die(busy), 0]), 1)
    })
  )

  it.effect("has no line for a failure outside the database", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* linesOf([Cause.interrupt(), 0], [Cause.die(new Error("other")), 0]), 0)
    })
  )
})
