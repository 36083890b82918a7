import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer, Redacted } from "effect"
import { ApiKeys } from "../../src/services/ApiKeys.ts"
import { keyOnce } from "../support/ApiKeysSuite.ts"
import { newTeam, realServices, secretsOf } from "../support/MigratedServices.ts"

const old = "the old secret, of 32 characters or so"
const young = "the new secret, of 32 characters or so"

/** A process started with these secrets. */
const processWith = (current: string, previous?: string) =>
  ApiKeys.layer({ cacheSeconds: 5 }).pipe(
    Layer.provide(secretsOf(current, previous)),
    Layer.fresh,
    Layer.build,
    Effect.map(Context.get(ApiKeys))
  )

/** A key created under the old secret. */
const oldKey = Effect.gen(function* () {
  const { id, name } = yield* newTeam
  const { create } = yield* processWith(old)
  const { token } = yield* create({ id, name }, { label: null, expiresAt: null })
  return { team: id, token: Redacted.value(token) }
})

layer(realServices)("the rotation of the secret", (it) => {
  it.effect("rejects a key that was created under an unknown secret", () =>
    Effect.gen(function* () {
      const { token } = yield* oldKey
      const { authenticate } = yield* processWith(young)
      assert.strictEqual((yield* Effect.flip(authenticate(token))).fault, "unknown")
    })
  )

  it.effect("accepts a key of the previous secret, which can be removed after the key was used", () =>
    Effect.gen(function* () {
      const { team, token } = yield* oldKey
      const rotating = yield* processWith(young, old)
      yield* rotating.authenticate(token)
      yield* keyOnce(team, ({ lastUsedAt }) => lastUsedAt !== null)
      const rotated = yield* processWith(young)
      yield* rotated.authenticate(token)
    })
  )

  it.effect("hashes a key again even if its use was recorded a moment ago under the previous secret", () =>
    Effect.gen(function* () {
      const { team, token } = yield* oldKey
      const before = yield* processWith(old)
      yield* before.authenticate(token)
      yield* keyOnce(team, ({ lastUsedAt }) => lastUsedAt !== null)
      const rotating = yield* processWith(young, old)
      yield* rotating.authenticate(token)
      yield* rotating.authenticate(token)
      const isTaken = Effect.flatMap(processWith(young), ({ authenticate }) => authenticate(token))
      yield* Effect.eventually(isTaken)
    })
  )

  it.effect("serves old and new processes concurrently if each has both secrets", () =>
    Effect.gen(function* () {
      const { token } = yield* oldKey
      const processes = yield* Effect.all([processWith(old, young), processWith(young, old)])
      yield* Effect.forEach([...processes, ...processes, ...processes], ({ authenticate }) => authenticate(token))
    })
  )
})
