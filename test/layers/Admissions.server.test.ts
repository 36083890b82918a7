import { assert, describe, it, layer } from "@effect/vitest"
import { Config, Duration, Effect, Schedule } from "effect"
import type { Answer, Ask, SharedStore } from "../../src/domain/RateLimit.ts"
import { admissionLaws } from "../support/AdmissionProperties.ts"
import { start } from "../support/AdmissionModel.ts"
import { AdmissionServer, admissionServer, keyPrefix, policyOf } from "../support/AdmissionServer.ts"
import { throwawayRedis } from "../support/ThrowawayRedis.ts"

/** Each step is a round trip, so a run has fewer schedules than in process; `make test-long` has more. */
const repetitions = Config.withDefault(Config.Int("TBG_TEST_REPEAT"), 1)

const minute = 60_000_000
const unasked: Answer = { used: -1, admitted: -1, resetMicros: -1, retryMicros: -1 }

const askOne = (store: SharedStore, ask: Ask) => Effect.map(store.ask([ask]), ([answer = unasked]) => answer)

const again = { schedule: Schedule.spaced("20 millis"), times: 250 }

/** Timers count whole milliseconds and may fire one early. */
const waitFor = (micros: number) => Effect.sleep(Duration.millis(Math.ceil(micros / 1000) + 1))

layer(AdmissionServer.layer, { excludeTestServices: true })("the sliding-window log in Redis", (it) => {
  for (const { holds, name } of admissionLaws) {
    it.effect(name, () =>
      Effect.flatMap(Effect.all([AdmissionServer, repetitions]), ([{ askAt }, times]) => holds(askAt, 40 * times))
    )
  }

  it.effect("admits a denied request after its Retry-After, on the server's clock", () =>
    Effect.gen(function* () {
      const { store } = yield* AdmissionServer
      const policy = policyOf(3, 150_000)
      const full = { used: 0, admitted: 3, resetMicros: 150_000, retryMicros: 150_000 }
      assert.deepStrictEqual(yield* askOne(store, { key: "waits", policy, count: 4 }), full)
      yield* waitFor(full.retryMicros)
      assert.deepStrictEqual(yield* askOne(store, { key: "waits", policy, count: 4 }), full)
    })
  )

  it.effect("keeps a key until its newest admission leaves the window, and no longer", () =>
    Effect.gen(function* () {
      const { client, expiryOf, store } = yield* AdmissionServer
      const ask: Ask = { key: "expires", policy: policyOf(2, minute), count: 1 }
      for (const admissions of [1, 2, 2, 2]) {
        yield* askOne(store, ask)
        const entries = yield* Effect.promise(() => client.lrange(`${keyPrefix}expires`, 0, -1))
        assert.strictEqual(entries.length, admissions)
        assert.strictEqual(yield* expiryOf("expires"), Math.ceil((Number(entries[0]) + minute) / 1000))
      }
    })
  )

  it.effect("creates no key for a read or a denied request", () =>
    Effect.gen(function* () {
      const { expiryOf, store } = yield* AdmissionServer
      yield* askOne(store, { key: "looks", policy: policyOf(1, minute), count: 0 })
      assert.strictEqual(yield* expiryOf("looks"), -2)
    })
  )

  it.effect("answers many keys in one call, each in its place", () =>
    Effect.gen(function* () {
      const { store } = yield* AdmissionServer
      // One key under the first policy, three under the second, five under the third, and so on. Some neighbors have
      // the same limit.
      const policies = Array.from({ length: store.keysPerCall }, (_, index) =>
        policyOf(3 + (Math.floor(index / 2) % 4), minute + index)
      )
      const asks = Array.from({ length: store.keysPerCall }, (_, index): Ask => {
        const policy = policies[Math.floor(Math.sqrt(index))] ?? policyOf(1, minute)
        return { key: `many${index}`, policy, count: 1 + (index % 5) }
      })
      const first = yield* store.ask(asks)
      assert.deepStrictEqual(
        first.map(({ admitted, resetMicros }) => ({ admitted, resetMicros })),
        asks.map(({ count, policy: { limit, windowMicros } }) => ({
          admitted: Math.min(count, limit),
          resetMicros: windowMicros
        }))
      )
      const second = yield* store.ask(asks.toReversed())
      assert.deepStrictEqual(
        second.map(({ used }) => used),
        first.map(({ admitted }) => admitted).toReversed()
      )
    })
  )

  it.effect("admits several requests of one key in one call as it admits them one by one", () =>
    Effect.gen(function* () {
      const { store } = yield* AdmissionServer
      const policy = policyOf(4, minute)
      const merged = yield* askOne(store, { key: "merged", policy, count: 5 })
      const single = yield* store.ask(Array.from({ length: 5 }, () => ({ key: "single", policy, count: 1 })))
      assert.deepStrictEqual(
        single.map(({ admitted, used }) => [used, admitted]),
        [0, 1, 2, 3, 4].map((used) => [used, used < 4 ? 1 : 0])
      )
      assert.deepStrictEqual(merged, { used: 0, admitted: 4, resetMicros: minute, retryMicros: minute })
      assert.deepStrictEqual(single[4], { ...merged, used: 4, admitted: 0 })
    })
  )

  it.effect("resets one key and no other", () =>
    Effect.gen(function* () {
      const { store } = yield* AdmissionServer
      const asks = ["forgotten", "kept"].map((key): Ask => ({ key, policy: policyOf(1, minute), count: 1 }))
      yield* store.ask(asks)
      yield* store.reset("forgotten")
      assert.deepStrictEqual(
        (yield* store.ask(asks)).map(({ admitted }) => admitted),
        [1, 0]
      )
    })
  )

  it.effect("stores times without rounding", () =>
    Effect.gen(function* () {
      const { askAt, client } = yield* AdmissionServer
      const policy = policyOf(3, minute)
      for (const later of [1, 2, 3]) yield* askAt({ key: "digits", policy, count: 1 }, start + later)
      const entries = yield* Effect.promise(() => client.lrange(`${keyPrefix}digits`, 0, -1))
      assert.deepStrictEqual(
        entries,
        [3, 2, 1].map((later) => String(start + later))
      )
    })
  )
})

describe("the sliding-window log while Redis fails", () => {
  /** Units that Redis counted for a request whose caller timed out while Redis was frozen. */
  const spentLate = ({ before, timeoutMicros }: { readonly before: number; readonly timeoutMicros: number }) =>
    Effect.gen(function* () {
      const server = yield* admissionServer()
      // Calls fail after this time; calls already sent are still executed.
      const { store } = yield* server.connected({ timeoutMicros, timeoutMs: 400 })
      const ask: Ask = { key: "late", policy: policyOf(10, minute), count: 1 }
      // A server without the script would spend nothing in any case.
      yield* askOne(server.store, { ...ask, key: "other" })
      for (let asked = 0; asked < before; asked++) yield* askOne(store, ask)
      yield* server.signal("SIGSTOP")
      assert.strictEqual((yield* Effect.flip(askOne(store, ask))).fault, "timeout")
      yield* server.signal("SIGCONT")
      const { used } = yield* Effect.retry(askOne(store, { ...ask, count: 0 }), again)
      return used - before
    })

  it.live("spends nothing for a caller who has given up before Redis thaws", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* spentLate({ before: 2, timeoutMicros: 200_000 }), 0)
    })
  )

  it.live("spends nothing for the first caller either", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* spentLate({ before: 0, timeoutMicros: 200_000 }), 0)
    })
  )

  it.live("spends for a caller who is still waiting", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* spentLate({ before: 2, timeoutMicros: 20_000_000 }), 1)
    })
  )

  it.live("reports a timeout if Redis answers only that the deadline has passed", () =>
    Effect.gen(function* () {
      const { connected, store } = yield* admissionServer()
      const impatient = yield* connected({ timeoutMicros: 0, timeoutMs: 20_000 })
      const ask: Ask = { key: "impatient", policy: policyOf(10, minute), count: 1 }
      assert.strictEqual((yield* Effect.flip(askOne(impatient.store, ask))).fault, "timeout")
      assert.strictEqual((yield* askOne(store, ask)).used, 0)
    })
  )

  it.live("continues after SCRIPT FLUSH", () =>
    Effect.gen(function* () {
      const { client, store } = yield* admissionServer()
      const ask: Ask = { key: "flushed", policy: policyOf(10, minute), count: 1 }
      yield* askOne(store, ask)
      yield* Effect.promise(() => client.script("FLUSH"))
      assert.strictEqual((yield* askOne(store, ask)).used, 1)
      assert.strictEqual((yield* askOne(store, ask)).used, 2)
    })
  )

  it.live("continues after a restart of Redis", () =>
    Effect.gen(function* () {
      const { port, stop, store } = yield* admissionServer()
      const ask: Ask = { key: "restarted", policy: policyOf(10, minute), count: 1 }
      yield* askOne(store, ask)
      yield* stop
      assert.strictEqual((yield* Effect.flip(askOne(store, ask))).fault, "unreachable")
      yield* throwawayRedis({ port })
      assert.deepInclude(yield* Effect.retry(askOne(store, ask), again), { used: 0, admitted: 1 })
    })
  )
})
