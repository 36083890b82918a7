import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect } from "effect"
import { ConnectionError, SqlError, StatementTimeoutError } from "effect/sql/SqlError"
import { makeOutage } from "../../../src/http/middleware/Outage.ts"
import { capturedLogs } from "../../support/CapturedLogs.ts"

const canary = "canary-9c1e"
const refused = new SqlError({
  reason: new ConnectionError({
    cause: Object.assign(new Error(canary), { code: "ECONNREFUSED", address: canary }),
    message: canary,
    operation: "connect"
  })
})
const late = new SqlError({ reason: new StatementTimeoutError({ cause: new Error(canary), operation: "query" }) })

/** How many lines these causes make, at these times in seconds. */
const linesOf = (...ended: ReadonlyArray<readonly [cause: Cause.Cause<unknown>, at: number]>) =>
  Effect.gen(function* () {
    const { entries, layer } = yield* capturedLogs
    const outage = makeOutage()
    yield* Effect.forEach(ended, ([cause, at]) => outage(cause, at * 1000)).pipe(Effect.provide(layer))
    assert.notInclude(JSON.stringify(entries), canary)
    return entries.length
  })

describe("the log of an outage", () => {
  it.effect("has one line for all the requests that one cause ends", () =>
    Effect.gen(function* () {
      const requests = Array.from({ length: 100 }, (_, n) => [Cause.die(refused), n] as const)
      assert.strictEqual(yield* linesOf(...requests), 1)
    })
  )

  it.effect("has a line for each cause, and another when it comes back after a while", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* linesOf([Cause.die(refused), 0], [Cause.fail(late), 0], [Cause.die(refused), 11]), 3)
    })
  )

  it.effect("says nothing of what is no failure of the database", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* linesOf([Cause.interrupt(), 0], [Cause.die(new Error("other")), 0]), 0)
    })
  )
})
