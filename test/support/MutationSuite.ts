import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { mutate, plainSchema } from "./Mutation.ts"
import type { Named } from "./Mutation.ts"
import { freshDatabase, testClient } from "./TestDatabase.ts"

/** A name, the statements, and the exact differences that they cause. */
export type MutationRow = readonly [name: string, statements: ReadonlyArray<string>, found: ReadonlyArray<Named>]

const Plain = Layer.unwrap(
  Effect.map(freshDatabase, ({ url }) => Layer.effectDiscard(plainSchema).pipe(Layer.provideMerge(testClient(url))))
)

const named = (
  rows: ReadonlyArray<{ readonly severity: Named[0]; readonly problem: Named[1]; readonly object: string }>
) => rows.map(({ object, problem, severity }): Named => [severity, problem, object])

/**
 * Adds one test per row, on one database: each finds exactly its differences, changes the fingerprint, and is repaired
 * or left.
 */
export const mutationSuite = (repair: "repaired" | "left", rows: ReadonlyArray<MutationRow>) =>
  layer(Plain)((it) => {
    it.effect.each(rows)(`%s: is reported and ${repair}`, ([, statements, found]) =>
      Effect.gen(function* () {
        const { after, before, changed } = yield* mutate(statements)
        assert.deepStrictEqual(before.named, [])
        assert.deepStrictEqual(changed.named, found)
        assert.notStrictEqual(changed.fingerprint, before.fingerprint)
        const left = repair === "left" ? found : []
        assert.deepStrictEqual(named(changed.repair.manual), left)
        assert.deepStrictEqual(after.named, left)
        assert.strictEqual(after.fingerprint === before.fingerprint, repair === "repaired")
      })
    )
  })
