import { assert } from "@effect/vitest"
import type { Vitest } from "@effect/vitest"
import { Effect } from "effect"
import { Teams } from "../../src/services/Teams.ts"
import type { TestServices } from "./MigratedServices.ts"

export const teamsSuite = (it: Vitest.MethodsNonLive<TestServices>) => {
  it.effect("creates a team, and finds it by its name", () =>
    Effect.gen(function* () {
      const { create, find } = yield* Teams
      const team = yield* create("found-by-name")
      assert.strictEqual(team.name, "found-by-name")
      assert.deepStrictEqual(yield* find("found-by-name"), team)
    })
  )

  it.effect("rejects the name of an existing team", () =>
    Effect.gen(function* () {
      const { create, find } = yield* Teams
      const team = yield* create("taken")
      assert.strictEqual((yield* Effect.flip(create("taken"))).name, "taken")
      assert.deepStrictEqual(yield* find("taken"), team)
    })
  )

  it.effect("lets only one of many concurrent callers use a name", () =>
    Effect.gen(function* () {
      const { create } = yield* Teams
      const outcomes = yield* Effect.forEach(Array.from({ length: 20 }), () => Effect.exit(create("wanted")), {
        concurrency: "unbounded"
      })
      assert.strictEqual(outcomes.filter(({ _tag }) => _tag === "Success").length, 1)
    })
  )

  it.effect("finds no team under an unused name", () =>
    Effect.gen(function* () {
      const { find } = yield* Teams
      assert.strictEqual((yield* Effect.flip(find("unknown"))).name, "unknown")
    })
  )

  it.effect("lists the teams by name, in any order of creation and server locale", () =>
    Effect.gen(function* () {
      const { create, list } = yield* Teams
      const names = ["z-last", "a_b", "a-b", "ab", "9-first"]
      yield* Effect.forEach(names, create)
      const listed = (yield* list).map(({ name }) => name).filter((name) => names.includes(name))
      assert.deepStrictEqual(listed, ["9-first", "a-b", "a_b", "ab", "z-last"])
    })
  )
}
