import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { makeKeyCache } from "../../../src/services/identity/KeyCache.ts"
import { capturedLogs } from "../../support/CapturedLogs.ts"
import { answering, away, signingKey, testIssuer } from "../../support/Tokens.ts"

/** A key ring over an issuer that publishes the key `old`; `next` replaces it. */
const fixture = Effect.gen(function* () {
  const old = yield* signingKey("ES256", "old")
  const next = yield* signingKey("ES256", "next")
  const issuer = testIssuer(answering(old))
  const keysFor = yield* makeKeyCache(issuer.tokens.keySet)
  const knows = (kid: string) => Effect.map(keysFor(kid), ({ has }) => has(kid))
  const faultFor = (kid: string) => Effect.map(Effect.flip(keysFor(kid)), ({ fault }) => fault)
  return { old, next, issuer, keysFor, knows, faultFor }
})

describe("the keys of an issuer", () => {
  it.effect("are requested on first use, and again after ten minutes", () =>
    Effect.gen(function* () {
      const { issuer, knows } = yield* fixture
      assert.strictEqual(issuer.asked(), 0)
      assert.isTrue(yield* knows("old"))
      yield* TestClock.adjust("599 seconds")
      assert.isTrue(yield* knows("old"))
      assert.strictEqual(issuer.asked(), 1)
      yield* TestClock.adjust("1 second")
      assert.isTrue(yield* knows("old"))
      assert.strictEqual(issuer.asked(), 2)
    })
  )

  it.effect("are requested again for an unknown key, at most every 30 seconds", () =>
    Effect.gen(function* () {
      const { issuer, knows, next, old } = yield* fixture
      yield* knows("old")
      issuer.answers(answering(old, next))
      yield* TestClock.adjust("29 seconds")
      yield* Effect.forEach(Array.from({ length: 100 }), () => knows("next"))
      assert.strictEqual(issuer.asked(), 1)
      yield* TestClock.adjust("1 second")
      assert.isTrue(yield* knows("next"))
      assert.isFalse(yield* knows("other"))
      assert.strictEqual(issuer.asked(), 2)
    })
  )

  it.effect("are rejected after the issuer withdrew them and they were requested again", () =>
    Effect.gen(function* () {
      const { issuer, knows, next } = yield* fixture
      yield* knows("old")
      issuer.answers(answering(next))
      yield* TestClock.adjust("10 minutes")
      assert.isFalse(yield* knows("old"))
    })
  )

  it.effect("are requested once for 50 concurrent callers, even if the first is interrupted", () =>
    Effect.gen(function* () {
      const { issuer, knows, old } = yield* fixture
      const release = yield* Deferred.make<void>()
      issuer.answers(Effect.andThen(Deferred.await(release), answering(old)))
      const fibers = yield* Effect.forEach(Array.from({ length: 50 }), () =>
        Effect.forkChild(knows("old"), { startImmediately: true })
      )
      const [first, ...others] = fibers
      assert.isDefined(first)
      yield* Fiber.interrupt(first)
      yield* Deferred.succeed(release, undefined)
      const answers = yield* Effect.forEach(others, Fiber.join)
      assert.isTrue(answers.every((known) => known))
      assert.strictEqual(issuer.asked(), 1)
    })
  )
})

describe("an issuer that does not answer", () => {
  it.effect("has its cached keys used for a day", () =>
    Effect.gen(function* () {
      const { faultFor, issuer, knows } = yield* fixture
      yield* knows("old")
      issuer.answers(away("unreachable"))
      yield* TestClock.adjust("23 hours")
      assert.isTrue(yield* knows("old"))
      yield* TestClock.adjust("59 minutes")
      assert.isTrue(yield* knows("old"))
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* faultFor("old"), "unreachable")
    })
  )

  it.effect("delays no caller whose key is cached", () =>
    Effect.gen(function* () {
      const { issuer, knows, next, old } = yield* fixture
      yield* knows("old")
      issuer.answers(away("timeout"))
      yield* TestClock.adjust("10 minutes")
      yield* knows("old")
      const release = yield* Deferred.make<void>()
      issuer.answers(Effect.andThen(Deferred.await(release), answering(old, next)))
      yield* TestClock.adjust("1 second")
      assert.isTrue(yield* knows("old"))
      yield* Deferred.succeed(release, undefined)
      assert.isTrue(yield* knows("next"))
      assert.strictEqual(issuer.asked(), 3)
    })
  )

  it.effect("makes an unknown key indistinguishable from a new one", () =>
    Effect.gen(function* () {
      const { faultFor, issuer, knows } = yield* fixture
      yield* knows("old")
      issuer.answers(away("denied"))
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual(yield* faultFor("next"), "denied")
      assert.strictEqual(yield* faultFor("next"), "denied")
      assert.isTrue(yield* knows("old"))
      assert.strictEqual(issuer.asked(), 2)
    })
  )

  it.effect("is requested every second, and used again after its first answer", () =>
    Effect.gen(function* () {
      const { faultFor, issuer, knows, old } = yield* fixture
      issuer.answers(away("timeout"))
      assert.strictEqual(yield* faultFor("old"), "timeout")
      issuer.answers(answering(old))
      yield* TestClock.adjust("999 millis")
      assert.strictEqual(yield* faultFor("old"), "timeout")
      assert.strictEqual(issuer.asked(), 1)
      yield* TestClock.adjust("1 milli")
      assert.isTrue(yield* knows("old"))
    })
  )

  it.effect.each([undefined, null, [], {}, { keys: {} }, "keys"])(
    "may also return an invalid document: %j",
    (document) =>
      Effect.gen(function* () {
        const { faultFor, issuer } = yield* fixture
        issuer.answers(Effect.succeed(document))
        assert.strictEqual(yield* faultFor("old"), "failed")
      })
  )
})

describe("the log of key requests", () => {
  it.effect("has one line when the issuer becomes unavailable, publishes no keys, or recovers", () =>
    Effect.gen(function* () {
      const logs = yield* capturedLogs
      yield* Effect.gen(function* () {
        const { issuer, keysFor, old } = yield* fixture
        for (const answer of [answering(old), away("timeout"), away("failed"), answering(), answering(old)]) {
          issuer.answers(answer)
          yield* TestClock.adjust("30 seconds")
          yield* Effect.exit(keysFor("unknown"))
        }
        yield* Effect.exit(keysFor("unknown"))
        assert.strictEqual(issuer.asked(), 5)
      }).pipe(Effect.provide(logs.layer))
      assert.deepStrictEqual(
        logs.entries.map(({ level, message }) => `${level}: ${message}`),
        [
          "Warn: identity provider unavailable; cached keys are used for up to 24 hours",
          "Warn: identity provider publishes no usable key; all tokens are rejected",
          "Info: identity provider available again"
        ]
      )
    })
  )
})
