import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { ApiKeys } from "../../src/services/ApiKeys.ts"
import { recordSecret, secretUse } from "../../src/services/SecretUse.ts"
import { capturedLogs } from "../support/CapturedLogs.ts"
import { newTeam, realServices, secretsOf } from "../support/MigratedServices.ts"

const [first, second, third] = ["first", "second", "third"].map((name) => `the ${name} secret, of 32 characters or so`)

/**
 * A process that starts with these secrets and creates a key; returns the recorded secret and the number of logged
 * errors.
 */
const startWith = Effect.fnUntraced(function* (current = "", previous?: string) {
  const { entries, layer } = yield* capturedLogs
  const use = yield* Effect.provide(
    Effect.andThen(recordSecret, secretUse),
    Layer.merge(secretsOf(current, previous), layer)
  )
  return [use, entries.filter(({ level }) => level === "Error").length] as const
})

const makeKey = Effect.fnUntraced(function* (current = "") {
  const { id, name } = yield* newTeam
  yield* Effect.flatMap(ApiKeys, ({ create }) => create({ id, name }, { label: null, expiresAt: null })).pipe(
    Effect.provide(ApiKeys.layer({ cacheSeconds: 0 })),
    Effect.provide(secretsOf(current))
  )
})

layer(realServices)("the record of the secret in use", (it) => {
  const emptied = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`DELETE FROM tbg_api.service_facts`)

  it.effect("is written by the first process and accepted by the next", () =>
    Effect.gen(function* () {
      yield* emptied
      assert.strictEqual(yield* Effect.provide(secretUse, secretsOf(first ?? "")), "unused")
      assert.deepStrictEqual(yield* startWith(first), ["known", 0])
      assert.deepStrictEqual(yield* startWith(first), ["known", 0])
    })
  )

  it.effect("is replaced by a process that has both secrets", () =>
    Effect.gen(function* () {
      yield* emptied
      yield* startWith(first)
      assert.deepStrictEqual(yield* startWith(second, first), ["known", 0])
      assert.deepStrictEqual(yield* startWith(second), ["known", 0])
    })
  )

  it.effect("is not written by a process with an unknown secret, which logs an error at each startup", () =>
    Effect.gen(function* () {
      yield* emptied
      yield* startWith(first)
      assert.deepStrictEqual(yield* startWith(third), ["changed", 1])
      assert.deepStrictEqual(yield* startWith(third), ["changed", 1])
    })
  )

  it.effect("is written with a key that is created under it", () =>
    Effect.gen(function* () {
      yield* emptied
      yield* startWith(first)
      yield* makeKey(third)
      assert.deepStrictEqual(yield* startWith(third), ["known", 0])
    })
  )
})
