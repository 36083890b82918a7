import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Redacted } from "effect"
import { ConnectionError, SqlError, SqlSyntaxError } from "effect/sql/SqlError"
import { TestClock } from "effect/testing"
import { randomInt } from "node:crypto"
import { TeamId } from "../../src/domain/Team.ts"
import { ApiKeys } from "../../src/services/ApiKeys.ts"
import type { KeyStore } from "../../src/services/apiKeys/KeyStore.ts"
import { makeToken } from "../../src/services/apiKeys/Token.ts"
import { Ids } from "../../src/services/Ids.ts"
import { Secrets } from "../../src/services/Secrets.ts"
import { capturedLogs } from "../support/CapturedLogs.ts"
import { memoryKeyStore } from "../support/memory/KeyStore.ts"
import { secretsOf } from "../support/MigratedServices.ts"

const old = "the old secret, of 32 characters or so"
const young = "the new secret, of 32 characters or so"
const team = { id: TeamId.make("0190f5a2-b3c4-7d5e-8f60-718293a4b5c6"), name: "alpha" }

interface Process {
  readonly cacheSeconds?: number
  readonly secrets?: readonly [current: string, previous?: string]
  readonly changed?: Partial<KeyStore>
}

/** A store with one key, and processes on it that record their calls of the store and of `Secrets`. */
const fixture = Effect.fnUntraced(function* () {
  const store = yield* memoryKeyStore
  const processOf = Effect.fnUntraced(function* ({ cacheSeconds = 5, changed, secrets = [old] }: Process = {}) {
    const calls: Array<string> = []
    const recorded = <A extends ReadonlyArray<unknown>, B>(name: string, call: (...args: A) => B) => {
      return (...args: A): B => {
        calls.push(name)
        return call(...args)
      }
    }
    const { find, rehash, touch } = { ...store, ...changed }
    const recording: KeyStore = {
      ...store,
      find: recorded("find", find),
      touch: recorded("touch", touch),
      rehash: recorded("rehash", rehash)
    }
    const { verify, ...others } = Context.get(yield* Layer.build(secretsOf(...secrets)), Secrets)
    const counted = Layer.succeed(Secrets, { ...others, verify: recorded("verify", verify) })
    const keys = ApiKeys.layerOver(Effect.succeed(recording), { cacheSeconds })
    const { authenticate, create } = Context.get(
      yield* Layer.build(Layer.provide(Layer.fresh(keys), Layer.merge(counted, Ids.layer))),
      ApiKeys
    )
    /** Calls of one authentication, including those that it does not wait for. */
    const callsOf = Effect.fnUntraced(function* (token: string) {
      calls.length = 0
      yield* authenticate(token)
      yield* TestClock.adjust(0)
      return calls.join(" ")
    })
    return { authenticate, callsOf, create }
  })
  const made = yield* (yield* processOf()).create(team, { label: null, expiresAt: null })
  return { keyId: made.key.id, processOf, token: Redacted.value(made.token) }
})

describe("a cached API key", () => {
  it.effect("is looked up and hashed again only after its cache entry has expired", () =>
    Effect.gen(function* () {
      const { processOf, token } = yield* fixture()
      const { callsOf } = yield* processOf()
      assert.strictEqual(yield* callsOf(token), "find verify touch")
      yield* TestClock.adjust(4999)
      assert.strictEqual(yield* callsOf(token), "")
      yield* TestClock.adjust(1)
      assert.strictEqual(yield* callsOf(token), "find verify")
    })
  )

  it.effect("is looked up each time without a cache", () =>
    Effect.gen(function* () {
      const { processOf, token } = yield* fixture()
      const { callsOf } = yield* processOf({ cacheSeconds: 0 })
      assert.strictEqual(yield* callsOf(token), "find verify touch")
      assert.strictEqual(yield* callsOf(token), "find verify")
    })
  )

  it.effect("does not admit another secret under its id", () =>
    Effect.gen(function* () {
      const { keyId, processOf, token } = yield* fixture()
      const { authenticate } = yield* processOf()
      yield* authenticate(token)
      const other = Redacted.value(makeToken(keyId, randomInt))
      assert.strictEqual((yield* Effect.flip(authenticate(other))).fault, "unknown")
    })
  )
})

describe("an API key of the previous secret", () => {
  it.effect("is hashed once under the current secret, so that the previous one can be removed", () =>
    Effect.gen(function* () {
      const { processOf, token } = yield* fixture()
      const rotating = yield* processOf({ secrets: [young, old] })
      assert.strictEqual(yield* rotating.callsOf(token), "find verify rehash")
      assert.strictEqual(yield* rotating.callsOf(token), "")
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(yield* rotating.callsOf(token), "find verify")
      const rotated = yield* processOf({ secrets: [young] })
      assert.strictEqual(yield* rotated.callsOf(token), "find verify")
    })
  )
})

const cause = new Error("no")
const sqlErrorOf = (reason: SqlError["reason"]) => new SqlError({ reason })

describe("the last use of an API key", () => {
  it.effect.each([
    ["warns of a fault of the service", cause, ["could not update last_used_at of an API key"]],
    [
      "warns of a fault of the statement",
      sqlErrorOf(new SqlSyntaxError({ cause, operation: "query" })),
      ["could not update last_used_at of an API key"]
    ],
    ["does not warn of an outage", sqlErrorOf(new ConnectionError({ cause, operation: "query" })), []]
  ] as const)("%s if it cannot be recorded, and the key is accepted", ([, defect, warnings]) =>
    Effect.gen(function* () {
      const { processOf, token } = yield* fixture()
      const logs = yield* capturedLogs
      const { callsOf } = yield* processOf({ changed: { touch: () => Effect.die(defect) } })
      assert.strictEqual(yield* Effect.provide(callsOf(token), logs.layer), "find verify touch")
      assert.deepStrictEqual(logs.warnings(), [...warnings])
    })
  )
})
