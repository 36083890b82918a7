import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { makeTurn } from "../../../src/http/middleware/Turn.ts"

describe("the turn of the event loop", () => {
  it.effect("ends for all who wait in it at once, in their order, and only then", () =>
    Effect.gen(function* () {
      const turn = makeTurn()
      const seen: Array<string> = []
      const wait = (name: string) =>
        Effect.andThen(
          turn,
          Effect.sync(() => seen.push(name))
        )
      const both = [yield* Effect.forkChild(wait("a")), yield* Effect.forkChild(wait("b"))]
      yield* Effect.promise(() => Promise.resolve())
      assert.deepStrictEqual(seen, [])
      yield* Fiber.joinAll(both)
      assert.deepStrictEqual(seen, ["a", "b"])
    })
  )

  it.effect("comes again, and leaves those alone who have gone", () =>
    Effect.gen(function* () {
      const turn = makeTurn()
      yield* turn
      const gone = yield* Effect.forkChild(turn, { startImmediately: true })
      yield* Fiber.interrupt(gone)
      yield* turn
    })
  )
})
