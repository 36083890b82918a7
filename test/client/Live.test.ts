import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Queue, Redacted, Stream } from "effect"
import { live } from "../../clients/typescript/src/index.ts"
import { scriptedNetwork } from "../support/ScriptedClient.ts"
import {
  heartbeat,
  block,
  blockAt,
  elapse,
  path,
  reset,
  snapshot,
  stream,
  text,
  watched
} from "../support/ScriptedLive.ts"

describe("live updates of the client", () => {
  it.effect("yield a snapshot, then the events after it", () =>
    Effect.gen(function* () {
      const { layer, sent } = yield* scriptedNetwork([
        snapshot("c0"),
        stream(["retry: 1000\n:\n\n", block(1)], "stays")
      ])
      const options = { baseUrl: "http://tbg.test", accessToken: Redacted.make("access") }
      const updates = yield* live(options, ["network", "miner:bc1q"]).pipe(
        Stream.take(2),
        Stream.runCollect,
        Effect.provide(layer)
      )
      const state = { network: { network: null } }
      assert.deepStrictEqual(updates, [{ type: "snapshot", state, cursor: "c0" }, blockAt(1)])
      const requests = yield* Queue.takeAll(sent)
      assert.deepStrictEqual(
        requests.map(({ headers, urlParams }) => [headers.authorization, headers["last-event-id"], urlParams.params]),
        [
          ["Bearer access", undefined, [["topics", "network,miner:bc1q"]]],
          ["Bearer access", "c0", [["topics", "network,miner:bc1q"]]]
        ]
      )
    })
  )

  it.effect("are parsed from chunks that end anywhere", () =>
    Effect.gen(function* () {
      const bytes = `retry: 2000\r\n:\r\n\r\n${block(1)}${block(2)}`
      const { updates } = yield* watched([snapshot("c0"), stream(bytes.match(/[^]{1,50}/gu) ?? [], "stays")])
      assert.deepStrictEqual(updates, ["c0", "c1", "c2"])
    })
  )

  it.effect("continue after the last event when the connection ends, once the service's `retry` has passed", () =>
    Effect.gen(function* () {
      const { sent, updates } = yield* watched([
        snapshot("c0"),
        stream(["retry: 2500\n\n", block(1), block(2), "id: c3\nevent: network\nda"]),
        stream([block(3)], "stays")
      ])
      yield* elapse(2499)
      assert.deepStrictEqual(updates, ["c0", "c1", "c2"])
      yield* elapse(1)
      assert.deepStrictEqual(updates, ["c0", "c1", "c2", "c3"])
      assert.deepStrictEqual(yield* sent, [
        [`${path}/snapshot`, undefined],
        [path, "c0"],
        [path, "c2"]
      ])
    })
  )

  it.effect("yield each event once, even if the service repeats it", () =>
    Effect.gen(function* () {
      const { updates } = yield* watched([
        snapshot("c0"),
        stream(["retry: 1\n\n", block(1), block(1), block(2)]),
        stream([block(1), block(2), block(3)], "stays")
      ])
      yield* elapse(1)
      assert.deepStrictEqual(updates, ["c0", "c1", "c2", "c3"])
    })
  )

  it.effect.each([
    ["heartbeats", heartbeat("c2")],
    ["events of an unknown type", text("c2", { type: "confetti" })]
  ] as const)("omit %s, and continue after them", ([, last]) =>
    Effect.gen(function* () {
      const { sent, updates } = yield* watched([snapshot("c0"), stream([block(1), last]), stream([], "stays")])
      yield* elapse(3000)
      assert.deepStrictEqual(updates, ["c0", "c1"])
      assert.deepStrictEqual((yield* sent).at(-1), [path, "c2"])
    })
  )

  it.effect("start again from a new snapshot after `reset`", () =>
    Effect.gen(function* () {
      const { sent, updates } = yield* watched([
        snapshot("c0"),
        stream(["retry: 1000\n\n", reset, block(8)], "stays"),
        snapshot("c9"),
        stream([block(10)], "stays")
      ])
      yield* elapse(1000)
      assert.deepStrictEqual(updates, ["c0", "c9", "c10"])
      assert.deepStrictEqual(yield* sent, [
        [`${path}/snapshot`, undefined],
        [path, "c0"],
        [`${path}/snapshot`, undefined],
        [path, "c9"]
      ])
    })
  )

  it.effect("fail if an event does not match the contract", () =>
    Effect.gen(function* () {
      const { fiber } = yield* watched([snapshot("c0"), stream([text("c1", { type: "network", height: "high" })])])
      assert.strictEqual((yield* Effect.flip(Fiber.join(fiber)))._tag, "SchemaError")
    })
  )
})
