import { assert } from "@effect/vitest"
import type { Vitest } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { KeyReused, WriteInFlight } from "../../src/domain/Idempotency.ts"
import type { IdempotentRequest, RecordedResponse } from "../../src/domain/Idempotency.ts"
import { Idempotency } from "../../src/services/Idempotency.ts"
import { Posts } from "../../src/services/Posts.ts"
import { newKey } from "./ApiKeysSuite.ts"
import { newTeam, textOf } from "./MigratedServices.ts"
import type { TestServices } from "./MigratedServices.ts"

/** A write under a new key of a new team, which creates a post and answers with its id. */
export const newWrite = Effect.gen(function* () {
  const { key, team } = yield* newKey()
  const { create, list } = yield* Posts
  const ask: IdempotentRequest = { team: team.id, apiKey: key.id, key: "once", request: "what is asked" }
  const write = Effect.map(create(team.id, textOf()), ({ id }): RecordedResponse => ({
    status: 201,
    location: `/posts/${id}`,
    body: id
  }))
  const written = Effect.map(list(team.id, { limit: 1, offset: 0 }), ({ total }) => total)
  return { ask, write, written }
})

/** How a write that is tried again is done once. */
export const idempotencySuite = (it: Vitest.MethodsNonLive<TestServices>) => {
  it.effect("gives the first answer again, and writes no more", () =>
    Effect.gen(function* () {
      const { once } = yield* Idempotency
      const { ask, write, written } = yield* newWrite
      const first = yield* once(ask, write)
      assert.isFalse(first.replayed)
      assert.deepStrictEqual(yield* once(ask, write), { response: first.response, replayed: true })
      assert.strictEqual(yield* written, 1)
    })
  )

  it.effect("gives an answer without a location, of many bytes, as it was", () =>
    Effect.gen(function* () {
      const { once } = yield* Idempotency
      const { ask } = yield* newWrite
      const response = { status: 404, location: null, body: `{"text":"${"🦊\\n".repeat(20_000)}"}` }
      yield* once(ask, Effect.succeed(response))
      assert.deepStrictEqual(yield* once(ask, Effect.die("it was done")), { response, replayed: true })
    })
  )

  it.effect("refuses the key of another write", () =>
    Effect.gen(function* () {
      const { once } = yield* Idempotency
      const { ask, write, written } = yield* newWrite
      yield* once(ask, write)
      const error = yield* Effect.flip(once({ ...ask, request: "something else" }, write))
      assert.deepStrictEqual(error, new KeyReused())
      assert.strictEqual(yield* written, 1)
    })
  )

  it.effect("takes each key, and each caller's, for itself", () =>
    Effect.gen(function* () {
      const { once } = yield* Idempotency
      const [one, other] = yield* Effect.all([newWrite, newWrite])
      const asks = [
        [one.ask, one.write],
        [{ ...one.ask, key: "twice" }, one.write],
        [other.ask, other.write]
      ] as const
      const answers = yield* Effect.forEach(asks, ([ask, write]) => once(ask, write))
      assert.deepStrictEqual(
        answers.map(({ replayed }) => replayed),
        [false, false, false]
      )
      assert.strictEqual(yield* one.written, 2)
    })
  )

  it.effect("refuses a write while the first under its key is not done, and answers it afterwards", () =>
    Effect.gen(function* () {
      const { once } = yield* Idempotency
      const { ask, write, written } = yield* newWrite
      const begun = yield* Deferred.make<void>()
      const go = yield* Deferred.make<void>()
      const slow = Effect.andThen(Deferred.succeed(begun, undefined), Effect.andThen(Deferred.await(go), write))
      const first = yield* Effect.forkChild(once(ask, slow))
      yield* Deferred.await(begun)
      assert.deepStrictEqual(yield* Effect.flip(once(ask, write)), new WriteInFlight())
      yield* Deferred.succeed(go, undefined)
      const { response } = yield* Fiber.join(first)
      assert.deepStrictEqual(yield* once(ask, write), { response, replayed: true })
      assert.strictEqual(yield* written, 1)
    })
  )

  it.effect.each([
    ["fails", Effect.fail("no")],
    ["dies", Effect.die("no")],
    ["is interrupted", Effect.interrupt]
  ] as const)("keeps nothing of a write that %s", ([, end]) =>
    Effect.gen(function* () {
      const { once } = yield* Idempotency
      const { ask, write } = yield* newWrite
      const outcome = yield* Effect.exit(once(ask, end))
      assert.strictEqual(outcome._tag, "Failure")
      assert.isFalse((yield* once(ask, write)).replayed)
    })
  )

  it.effect("passes a write's failure on as it is", () =>
    Effect.gen(function* () {
      const { once } = yield* Idempotency
      const { ask } = yield* newWrite
      assert.strictEqual(yield* Effect.flip(once(ask, Effect.fail("expected"))), "expected")
    })
  )

  it.effect("keeps an answer for 24 hours", () =>
    Effect.gen(function* () {
      const { once } = yield* Idempotency
      const { ask, write, written } = yield* newWrite
      yield* once(ask, write)
      yield* TestClock.adjust(24 * 3_600_000 - 1)
      assert.isTrue((yield* once(ask, write)).replayed)
      yield* TestClock.adjust(1)
      assert.isFalse((yield* once({ ...ask, request: "something else" }, write)).replayed)
      assert.strictEqual(yield* written, 2)
    })
  )

  it.effect("purges a team's answers that are past their day, no more than it may", () =>
    Effect.gen(function* () {
      const { once, purge } = yield* Idempotency
      const { ask, write } = yield* newWrite
      yield* Effect.forEach(["a", "b", "c"], (key) => once({ ...ask, key }, write))
      yield* TestClock.adjust("24 hours")
      yield* once({ ...ask, key: "young" }, write)
      assert.strictEqual(yield* purge((yield* newTeam).id, 10), 0)
      assert.strictEqual(yield* purge(ask.team, 2), 2)
      assert.strictEqual(yield* purge(ask.team, 2), 1)
      assert.isTrue((yield* once({ ...ask, key: "young" }, write)).replayed)
    })
  )
}
