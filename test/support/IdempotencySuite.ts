import { assert } from "@effect/vitest"
import type { Vitest } from "@effect/vitest"
import { Clock, Deferred, Effect, Fiber } from "effect"
import { KeyReused, WriteInFlight } from "../../src/domain/Idempotency.ts"
import type { IdempotentRequest, RecordedResponse } from "../../src/domain/Idempotency.ts"
import { Idempotency } from "../../src/services/Idempotency.ts"
import { Posts } from "../../src/services/Posts.ts"
import { newKey } from "./ApiKeysSuite.ts"
import { newTeam, textOf } from "./MigratedServices.ts"
import type { TestServices } from "./MigratedServices.ts"

/** A write under a new key of a new team, which creates a post and returns its id. */
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

const day = 24 * 3_600_000

/** Runs an effect this many milliseconds later. `TestClock.adjust` would run every timer of the pool in between. */
const after = (milliseconds: number) =>
  Effect.updateService(Clock.Clock, (clock): Clock.Clock => ({
    currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe() + milliseconds,
    currentTimeMillis: Effect.map(clock.currentTimeMillis, (now) => now + milliseconds),
    currentTimeNanosUnsafe: () => clock.currentTimeNanosUnsafe(),
    currentTimeNanos: clock.currentTimeNanos,
    monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: clock.monotonicTimeNanos,
    sleep: (duration) => clock.sleep(duration)
  }))

/** Execution of a retried write. */
export const idempotencySuite = (it: Vitest.MethodsNonLive<TestServices>) => {
  it.effect("replays the first response, and writes nothing more", () =>
    Effect.gen(function* () {
      const { once } = yield* Idempotency
      const { ask, write, written } = yield* newWrite
      const first = yield* once(ask, write)
      assert.isFalse(first.replayed)
      assert.deepStrictEqual(yield* once(ask, write), { response: first.response, replayed: true })
      assert.strictEqual(yield* written, 1)
    })
  )

  it.effect("replays a large response without a location unchanged", () =>
    Effect.gen(function* () {
      const { once } = yield* Idempotency
      const { ask } = yield* newWrite
      const response = { status: 404, location: null, body: `{"text":"${"🦊\\n".repeat(20_000)}"}` }
      yield* once(ask, Effect.succeed(response))
      assert.deepStrictEqual(yield* once(ask, Effect.die("it was done")), { response, replayed: true })
    })
  )

  it.effect("rejects the key of another write", () =>
    Effect.gen(function* () {
      const { once } = yield* Idempotency
      const { ask, write, written } = yield* newWrite
      yield* once(ask, write)
      const error = yield* Effect.flip(once({ ...ask, request: "something else" }, write))
      assert.deepStrictEqual(error, new KeyReused())
      assert.strictEqual(yield* written, 1)
    })
  )

  it.effect("scopes each key to its caller", () =>
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

  it.effect("rejects a write while the first under its key is in progress, and replays it afterwards", () =>
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
  ] as const)("stores nothing for a write that %s", ([, end]) =>
    Effect.gen(function* () {
      const { once } = yield* Idempotency
      const { ask, write } = yield* newWrite
      const outcome = yield* Effect.exit(once(ask, end))
      assert.strictEqual(outcome._tag, "Failure")
      assert.isFalse((yield* once(ask, write)).replayed)
    })
  )

  it.effect("returns a write's failure unchanged", () =>
    Effect.gen(function* () {
      const { once } = yield* Idempotency
      const { ask } = yield* newWrite
      assert.strictEqual(yield* Effect.flip(once(ask, Effect.fail("expected"))), "expected")
    })
  )

  it.effect("stores a response for 24 hours", () =>
    Effect.gen(function* () {
      const { once } = yield* Idempotency
      const { ask, write, written } = yield* newWrite
      yield* once(ask, write)
      assert.isTrue((yield* after(day - 1)(once(ask, write))).replayed)
      assert.isFalse((yield* after(day)(once({ ...ask, request: "something else" }, write))).replayed)
      assert.strictEqual(yield* written, 2)
    })
  )

  it.effect("purges a limited number of a team's expired responses", () =>
    Effect.gen(function* () {
      const { once, purge } = yield* Idempotency
      const { ask, write } = yield* newWrite
      yield* Effect.forEach(["a", "b", "c"], (key) => once({ ...ask, key }, write))
      yield* Effect.gen(function* () {
        yield* once({ ...ask, key: "young" }, write)
        assert.strictEqual(yield* purge((yield* newTeam).id, 10), 0)
        assert.strictEqual(yield* purge(ask.team, 2), 2)
        assert.strictEqual(yield* purge(ask.team, 2), 1)
        assert.isTrue((yield* once({ ...ask, key: "young" }, write)).replayed)
      }).pipe(after(day))
    })
  )
}
