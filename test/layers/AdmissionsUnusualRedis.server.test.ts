import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import type { Answer, SharedStore } from "../../src/domain/RateLimit.ts"
import { makeAdmissions } from "../../src/layers/redis/Admissions.ts"
import { makeRedisClient } from "../../src/layers/redis/Client.ts"
import { AdmissionServer, keyPrefix, policyOf } from "../support/AdmissionServer.ts"

/** From docs/limits.md. */
const documented = ["evalsha", "eval", "time", "llen", "lindex", "lpush", "ltrim", "del", "pexpireat", "ping", "info"]

/** A store whose Redis user may run only these commands on our keys. */
const storeOf = Effect.fnUntraced(function* (commands: ReadonlyArray<string>) {
  const { client, host, port } = yield* AdmissionServer
  const name = `role${commands.length}`
  const rights = ["on", ">secret", `~${keyPrefix}*`, "nocommands", ...commands.map((command) => `+${command}`)]
  yield* Effect.promise(() => client.call("ACL", "SETUSER", name, ...rights))
  const password = Redacted.make("secret")
  const connected = yield* Effect.acquireRelease(
    Effect.sync(() =>
      makeRedisClient({ _tag: "Single", host, port, number: 0, username: name, password, tls: false }, 5000)
    ),
    (own) => Effect.sync(() => own.disconnect())
  )
  yield* Effect.promise(() => connected.connect())
  return makeAdmissions(connected, 5_000_000)
})

const policy = policyOf(5, 60_000_000)

const usedOf = (store: SharedStore, keys: ReadonlyArray<string>, count: number) =>
  Effect.map(store.ask(keys.map((key) => ({ key, policy, count }))), (answers: ReadonlyArray<Answer>) =>
    answers.map(({ used }) => used)
  )

layer(AdmissionServer.layer, { excludeTestServices: true })("the sliding-window log in an unusual Redis", (it) => {
  it.effect("needs exactly the commands that the documentation lists", () =>
    Effect.gen(function* () {
      const store = yield* storeOf(documented)
      assert.deepStrictEqual(yield* usedOf(store, ["role"], 1), [0])
      assert.deepStrictEqual(yield* usedOf(store, ["role"], 1), [1])
    })
  )

  it.effect("writes nothing if it may not set an expiry", () =>
    Effect.gen(function* () {
      const { client } = yield* AdmissionServer
      const store = yield* storeOf(documented.filter((command) => command !== "pexpireat"))
      assert.strictEqual((yield* Effect.flip(store.ask([{ key: "forever", policy, count: 1 }]))).fault, "failed")
      assert.strictEqual(yield* Effect.promise(() => client.exists(`${keyPrefix}forever`)), 0)
    })
  )

  it.effect("replaces a value of another format, and counts the other keys of the call once", () =>
    Effect.gen(function* () {
      const { client, store } = yield* AdmissionServer
      yield* Effect.promise(() => client.set(`${keyPrefix}bad`, "x"))
      yield* Effect.promise(() => client.rpush(`${keyPrefix}junk`, "x", "y"))
      const keys = ["before", "bad", "junk", "after"]
      assert.deepStrictEqual(yield* usedOf(store, keys, 1), [0, 0, 0, 0])
      assert.deepStrictEqual(yield* usedOf(store, keys, 1), [1, 1, 1, 1])
    })
  )

  it.effect("keeps admissions that a read with a shorter window ignores", () =>
    Effect.gen(function* () {
      const { client, store } = yield* AdmissionServer
      yield* usedOf(store, ["looked"], 3)
      const shorter = { ...policy, windowMicros: 1 }
      const [answer] = yield* store.ask([{ key: "looked", policy: shorter, count: 0 }])
      assert.strictEqual(answer?.used, 0)
      assert.strictEqual(yield* Effect.promise(() => client.llen(`${keyPrefix}looked`)), 3)
      assert.deepStrictEqual(yield* usedOf(store, ["looked"], 0), [3])
    })
  )
})
