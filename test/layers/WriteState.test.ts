import { assert, describe, it } from "@effect/vitest"
import { Effect, Ref } from "effect"
import { SqlError, UnknownError } from "effect/sql/SqlError"
import { TestClock } from "effect/testing"
import { makeWriteState } from "../../src/layers/database/WriteState.ts"

const failed = (code: string) =>
  new SqlError({ reason: new UnknownError({ cause: Object.assign(new Error("no"), { code }), message: "no" }) })

/** A state over a server whose trials succeed or fail with this code. */
const arranged = Effect.gen(function* () {
  const server = yield* Ref.make<string | undefined>(undefined)
  const trials = yield* Ref.make(0)
  const renewals = yield* Ref.make(0)
  const state = yield* makeWriteState({
    tryWrite: Effect.gen(function* () {
      yield* Ref.update(trials, (count) => count + 1)
      const code = yield* Ref.get(server)
      if (code !== undefined) return yield* failed(code)
    }),
    onRecovery: Ref.update(renewals, (count) => count + 1)
  })
  const check = Effect.match(state.check, { onSuccess: () => "ok", onFailure: ({ fault }) => fault })
  return { server, trials, renewals, check, observe: state.observe }
})

describe("the write state", () => {
  it.effect("is ok until a statement finds the server read-only, and again once a trial succeeds", () =>
    Effect.gen(function* () {
      const { check, observe, renewals, server } = yield* arranged
      assert.strictEqual(yield* check, "ok")
      yield* Ref.set(server, "25006")
      observe(failed("25006"))
      assert.strictEqual(yield* check, "read_only")
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual([yield* check, yield* Ref.get(renewals)], ["read_only", 0])
      yield* Ref.set(server, undefined)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual([yield* check, yield* Ref.get(renewals)], ["ok", 1])
    })
  )

  it.effect("follows the latest fault, and keeps it while the server is unreachable", () =>
    Effect.gen(function* () {
      const { check, observe, server } = yield* arranged
      yield* Ref.set(server, "53100")
      observe(failed("25006"))
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* check, "full")
      yield* Ref.set(server, "57P03")
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(yield* check, "full")
    })
  )

  it.effect("is ok again if the trial fails for a reason of its own", () =>
    Effect.gen(function* () {
      const { check, observe, server } = yield* arranged
      yield* Ref.set(server, "42501")
      observe(failed("53100"))
      assert.strictEqual(yield* check, "full")
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* check, "ok")
    })
  )

  it.effect("runs one trial at a time, however many statements fail, and none without a failure", () =>
    Effect.gen(function* () {
      const { observe, server, trials } = yield* arranged
      yield* Ref.set(server, "25006")
      for (const code of ["40P01", "23505", "57P01"]) observe(failed(code))
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(yield* Ref.get(trials), 0)
      for (let failure = 0; failure < 100; failure++) observe(failed("25006"))
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(yield* Ref.get(trials), 10)
    })
  )

  it.effect("ends a hanging trial after five seconds", () =>
    Effect.gen(function* () {
      const { check, observe } = yield* makeWriteState({ tryWrite: Effect.never, onRecovery: Effect.void })
      observe(failed("25006"))
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual((yield* Effect.flip(check)).fault, "read_only")
    })
  )
})
