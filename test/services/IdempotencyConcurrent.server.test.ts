import { assert, layer } from "@effect/vitest"
import { Effect, Result } from "effect"
import { SqlClient } from "effect/sql"
import { Idempotency } from "../../src/services/Idempotency.ts"
import { newWrite } from "../support/IdempotencySuite.ts"
import { realServices } from "../support/MigratedServices.ts"

layer(realServices)("concurrent writes under one key", (it) => {
  it.effect("run once for fifty callers; the others get the replay or a conflict", () =>
    Effect.gen(function* () {
      const { once } = yield* Idempotency
      const { ask, write, written } = yield* newWrite
      const results = yield* Effect.forEach(Array.from({ length: 50 }), () => Effect.result(once(ask, write)), {
        concurrency: "unbounded"
      })
      const answers = results.flatMap((result) => (Result.isSuccess(result) ? [result.success] : []))
      const failures = results.flatMap((result) => (Result.isFailure(result) ? [result.failure._tag] : []))
      assert.lengthOf(
        answers.filter(({ replayed }) => !replayed),
        1
      )
      assert.strictEqual(new Set(answers.map(({ response }) => response.body)).size, 1)
      assert.deepStrictEqual(new Set([...failures, "WriteInFlight"]), new Set(["WriteInFlight"]))
      assert.strictEqual(yield* written, 1)
    })
  )

  it.effect("run once each under fifty keys", () =>
    Effect.gen(function* () {
      const { once } = yield* Idempotency
      const { ask, write, written } = yield* newWrite
      const keys = Array.from({ length: 50 }, (_, index) => `key ${index}`.replace(" ", "-"))
      const twice = yield* Effect.forEach(
        [...keys, ...keys.toReversed()],
        (key) => Effect.result(once({ ...ask, key }, write)),
        {
          concurrency: 16
        }
      )
      const done = twice.filter((result) => Result.isSuccess(result) && !result.success.replayed)
      assert.lengthOf(done, 50)
      assert.strictEqual(yield* written, 50)
    })
  )

  it.effect("are not recorded if the server ended the session, and run again on a retry", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { once } = yield* Idempotency
      const { ask, write, written } = yield* newWrite
      const ended = Effect.tap(write, () => Effect.exit(sql`SELECT pg_terminate_backend(pg_backend_pid())`))
      const outcome = yield* Effect.exit(once(ask, ended))
      assert.strictEqual(outcome._tag, "Failure")
      assert.strictEqual(yield* Effect.retry(written, { times: 3 }), 0)
      assert.isFalse((yield* once(ask, write)).replayed)
      assert.strictEqual(yield* written, 1)
    })
  )
})
