import { assert, layer } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import type { Ask } from "../../src/domain/RateLimit.ts"
import { start } from "../support/AdmissionModel.ts"
import { AdmissionServer, admissionServer, keyPrefix, policyOf } from "../support/AdmissionServer.ts"

const hour = 3_600_000_000

/** `0, 1, …` in chunks of `size`. */
const piecesOf = (length: number, size: number) =>
  Array.from({ length: Math.ceil(length / size) }, (_, piece) =>
    Array.from({ length: Math.min(size, length - piece * size) }, (_, index) => piece * size + index)
  )

layer(AdmissionServer.layer, { excludeTestServices: true })("the memory of the sliding-window log", (it) => {
  for (const admissions of [1, 10, 100, 1000, 10_000]) {
    it.effect(`is at most 16 bytes per admission and 200 per key, for ${admissions}`, () =>
      Effect.gen(function* () {
        const { memoryOf, store } = yield* AdmissionServer
        const key = `ip:[2001:db8:1234:${admissions}::]/64`
        const ask: Ask = { key, policy: policyOf(admissions, hour), count: 1 }
        // In sequence, so that the times differ as in production.
        for (let asked = 0; asked < admissions; asked++) yield* store.ask([ask])
        assert.isAtMost(yield* memoryOf(key), 16 * admissions + 200)
      })
    )
  }

  it.effect("is not larger for 10,000 admissions in one call", () =>
    Effect.gen(function* () {
      const { memoryOf, store } = yield* AdmissionServer
      const [answer] = yield* store.ask([{ key: "burst", policy: policyOf(10_000, hour), count: 10_001 }])
      assert.deepInclude(answer, { used: 0, admitted: 10_000, retryMicros: hour })
      assert.isAtMost(yield* memoryOf("burst"), 16 * 10_000 + 200)
    })
  )

  it.effect("is not changed by 10,000 denied requests, and neither is the reset", () =>
    Effect.gen(function* () {
      const { askAt, expiryOf, memoryOf } = yield* AdmissionServer
      const ask: Ask = { key: "denied", policy: policyOf(100, hour), count: 1 }
      for (let asked = 0; asked < 100; asked++) yield* askAt(ask, start + asked)
      const [bytes, expiry] = yield* Effect.all([memoryOf("denied"), expiryOf("denied")])
      for (let asked = 1; asked <= 10_000; asked++) {
        const now = start + 99 + asked
        const [resetMicros, retryMicros] = [start + 99 + hour - now, start + hour - now]
        assert.deepStrictEqual(yield* askAt(ask, now), { used: 100, admitted: 0, resetMicros, retryMicros })
      }
      assert.deepStrictEqual(yield* Effect.all([memoryOf("denied"), expiryOf("denied")]), [bytes, expiry])
    })
  )

  it.effect("is reclaimed exactly, in few lookups, after 60,000 of 100,000 admissions expired", () =>
    Effect.gen(function* () {
      const { askAt, callsOf, client } = yield* AdmissionServer
      const name = `${keyPrefix}long`
      for (const piece of piecesOf(100_000, 1000)) {
        yield* Effect.promise(() => client.lpush(name, ...piece.map((later) => start + later)))
      }
      yield* Effect.promise(() => client.config("RESETSTAT"))
      const answer = yield* askAt({ key: "long", policy: policyOf(100_000, hour), count: 1 }, start + 59_999 + hour)
      assert.deepStrictEqual(answer, { used: 40_000, admitted: 1, resetMicros: hour, retryMicros: 0 })
      // One call is that of `askAt` itself.
      assert.isAtMost((yield* callsOf("lindex")) - 1, 40)
      const [length, oldest] = yield* Effect.promise(() => Promise.all([client.llen(name), client.lindex(name, -1)]))
      assert.deepStrictEqual([length, oldest], [40_001, String(start + 60_000)])
    })
  )

  it.effect("is reclaimed completely when the windows of 20,000 keys are over", () =>
    Effect.gen(function* () {
      const { keys, store } = yield* admissionServer()
      const policy = policyOf(1, 2_000_000)
      for (const piece of piecesOf(20_000, store.keysPerCall)) {
        const answers = yield* store.ask(piece.map((index) => ({ key: `ip:${index}`, policy, count: 1 })))
        assert.isTrue(answers.every(({ admitted, used }) => admitted === 1 && used === 0))
      }
      assert.isAbove(yield* keys, 0)
      const isOver = Effect.flatMap(keys, (left) => (left === 0 ? Effect.void : Effect.fail(left)))
      yield* Effect.retry(isOver, { schedule: Schedule.spaced("50 millis"), times: 400 })
    })
  )
})
