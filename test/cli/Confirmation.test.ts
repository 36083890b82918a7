import { NodeFileSystem, NodePath } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option, Queue, Stdio, Terminal } from "effect"
import { confirm } from "../../src/cli/CommandParts.ts"

/** A terminal where this key is pressed, or standard input that is not a terminal. */
const standardInput = (key: string | undefined) =>
  Layer.mergeAll(
    NodeFileSystem.layer,
    NodePath.layer,
    Stdio.layerTest({ stdinIsTerminal: Effect.succeed(key !== undefined) }),
    Layer.effect(
      Terminal.Terminal,
      Effect.gen(function* () {
        const keys = yield* Queue.unbounded<Terminal.UserInput>()
        const name = key ?? ""
        yield* Queue.offer(keys, { input: Option.some(name), key: { name, ctrl: false, meta: false, shift: false } })
        return Terminal.make({
          columns: Effect.succeed(80),
          rows: Effect.succeed(24),
          size: Effect.die("not asked"),
          readInput: Effect.succeed(keys),
          readLine: Effect.die("not asked"),
          display: () => Effect.void
        })
      })
    )
  )

describe("the confirmation before a command changes the database", () => {
  it.live("is given at a terminal, or by --yes without one", () =>
    Effect.gen(function* () {
      yield* Effect.provide(confirm("Go on?", { yes: false }), standardInput("y"))
      yield* Effect.provide(confirm("Go on?", { yes: true }), standardInput(undefined))
    })
  )

  it.live.each([
    ["n", "aborted; no changes made"],
    ["enter", "aborted; no changes made"],
    [undefined, "aborted; no changes made; without a terminal, add --yes"]
  ] as const)("is refused by any other answer, which ends the command, such as the key %s", ([key, message]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.provide(confirm("Go on?", { yes: false }), standardInput(key)))
      assert.strictEqual(error.message, message)
    })
  )
})
