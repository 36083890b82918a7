import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { failures } from "../../src/http/ErrorCodes.ts"
import type { Turn } from "../support/ScriptedClient.ts"
import {
  block,
  bye,
  elapse,
  failed,
  openBody,
  path,
  snapshot,
  stream,
  watched,
  heartbeat
} from "../support/ScriptedLive.ts"

describe("reconnection of live updates", () => {
  it.effect("waits for the delay in `bye`, and continues after its id", () =>
    Effect.gen(function* () {
      const { sent, updates } = yield* watched([
        snapshot("c0"),
        stream(["retry: 1000\n\n", block(1), bye], "stays"),
        stream([block(2)], "stays")
      ])
      yield* elapse(6999)
      assert.deepStrictEqual(updates, ["c0", "c1"])
      yield* elapse(1)
      assert.deepStrictEqual(updates, ["c0", "c1", "c2"])
      assert.deepStrictEqual((yield* sent).at(-1), [path, "b"])
    })
  )

  it.effect("retries after failures of connections and proxies, with waits of up to 30 seconds", () =>
    Effect.gen(function* () {
      const turns: ReadonlyArray<Turn> = [
        "refused",
        failed("SERVICE_UNAVAILABLE"),
        snapshot("c0"),
        new Response("<html>", { status: 502 }),
        new Response("<html>", { status: 504 }),
        "frozen",
        ...Array.from({ length: 4 }, (): Turn => "refused"),
        stream(["retry: 1000\n\n", block(1)]),
        stream([], "stays")
      ]
      const { updates, waits } = yield* watched(turns)
      yield* Effect.replicateEffect(elapse(10_000), 30)
      assert.deepStrictEqual(updates, ["c0", "c1"])
      const row = waits.slice(0, 9)
      assert.deepStrictEqual(
        row.map(({ attempt, status }) => [attempt, status]),
        [undefined, 503, 502, 504, ...Array<undefined>(5)].map((status, index) => [index + 1, status])
      )
      const first = row[0]?.waitMillis ?? 0
      assert.isTrue(first >= 1000 && first <= 3000)
      for (const { attempt, waitMillis } of row) {
        assert.isAtLeast(waitMillis, first)
        assert.isAtMost(waitMillis, Math.min(30_000, first * 2 ** (attempt - 1)))
      }
      // The event ended the row of failures, and the stream set another `retry`.
      assert.deepStrictEqual(waits[9], { attempt: 1, waitMillis: 1000, status: undefined })
    })
  )

  it.effect("waits at least as long as Retry-After requires", () =>
    Effect.gen(function* () {
      const turns = [snapshot("c0"), failed("OVERLOADED", { "retry-after": "40" }), stream([block(1)], "stays")]
      const { updates, waits } = yield* watched(turns)
      assert.deepStrictEqual(waits, [{ attempt: 1, waitMillis: 40_000, status: 503 }])
      yield* elapse(40_000)
      assert.deepStrictEqual(updates, ["c0", "c1"])
    })
  )

  it.effect("happens after 45 seconds without a heartbeat", () =>
    Effect.gen(function* () {
      const [body, send] = openBody()
      const { sent } = yield* watched([snapshot("c0"), new Response(body), stream([], "stays")])
      for (const _ of [1, 2]) {
        yield* elapse(44_999)
        send(heartbeat("c0"))
        yield* elapse(0)
      }
      yield* elapse(44_999)
      assert.lengthOf(yield* sent, 2)
      yield* elapse(1)
      yield* elapse(3000)
      assert.deepStrictEqual(yield* sent, [[path, "c0"]])
    })
  )

  it.effect.each(["UNAUTHORIZED", "NOT_FOUND", "VALIDATION_ERROR", "INTERNAL"] as const)(
    "does not follow %s, from the snapshot or the stream",
    (code) =>
      Effect.gen(function* () {
        for (const before of [[], [snapshot("c0")]]) {
          const { fiber, waits } = yield* watched([...before, failed(code)])
          assert.deepInclude(yield* Effect.flip(Fiber.join(fiber)), { code, status: failures[code].status })
          assert.deepStrictEqual(waits, [])
        }
      })
  )
})
