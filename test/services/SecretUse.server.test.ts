import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { ApiKeys } from "../../src/services/ApiKeys.ts"
import { recordSecret, secretUse } from "../../src/services/SecretUse.ts"
import { capturedLogs } from "../support/CapturedLogs.ts"
import { newTeam, realServices, secretsOf } from "../support/MigratedServices.ts"

const [first, second, third] = ["first", "second", "third"].map((name) => `the ${name} secret, of 32 characters or so`)

/** A process that starts with these secrets, and makes a key; what it finds after that, and how many errors it logs. */
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

layer(realServices)("the use of a secret", (it) => {
  const emptied = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`DELETE FROM tbg_api.service_facts`)

  it.effect("is noted by the first process, and known to the next", () =>
    Effect.gen(function* () {
      yield* emptied
      assert.strictEqual(yield* Effect.provide(secretUse, secretsOf(first ?? "")), "unused")
      assert.deepStrictEqual(yield* startWith(first), ["known", 0])
      assert.deepStrictEqual(yield* startWith(first), ["known", 0])
    })
  )

  it.effect("is rotated by a process that knows both", () =>
    Effect.gen(function* () {
      yield* emptied
      yield* startWith(first)
      assert.deepStrictEqual(yield* startWith(second, first), ["known", 0])
      assert.deepStrictEqual(yield* startWith(second), ["known", 0])
    })
  )

  it.effect("is not noted if nobody knows it, and an error is logged at each startup", () =>
    Effect.gen(function* () {
      yield* emptied
      yield* startWith(first)
      assert.deepStrictEqual(yield* startWith(third), ["changed", 1])
      assert.deepStrictEqual(yield* startWith(third), ["changed", 1])
    })
  )

  it.effect("is noted with a key that is made under it", () =>
    Effect.gen(function* () {
      yield* emptied
      yield* startWith(first)
      yield* makeKey(third)
      assert.deepStrictEqual(yield* startWith(third), ["known", 0])
    })
  )
})
