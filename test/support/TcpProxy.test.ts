import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Option } from "effect"
import { echo, proxied } from "./TcpProxyEcho.ts"
import { closed, testSocket } from "./TestSocket.ts"

describe("tcpProxy", () => {
  it.live("passes on what both sides say, and that they have ended", () =>
    Effect.gen(function* () {
      const socket = yield* testSocket((yield* proxied).port)
      assert.strictEqual(yield* echo(socket, "x".repeat(300_000)), "x".repeat(300_000))
      socket.end()
      yield* closed(socket)
    })
  )

  it.live("is late each way", () =>
    Effect.gen(function* () {
      const { latency, port } = yield* proxied
      const socket = yield* testSocket(port)
      yield* latency(30)
      const begun = performance.now()
      assert.strictEqual(yield* echo(socket, "late"), "late")
      // Timers may be a millisecond early.
      assert.isAtLeast(performance.now() - begun, 58)
    })
  )

  it.live("resets the connections that there are, and those that come", () =>
    Effect.gen(function* () {
      const { normal, port, reset } = yield* proxied
      const socket = yield* testSocket(port)
      assert.strictEqual(yield* echo(socket, "here"), "here")
      const failed = Effect.callback<string>(
        (resume) => void socket.on("error", (error) => resume(Effect.succeed(String(error))))
      )
      const failing = yield* Effect.forkChild(failed, { startImmediately: true })
      yield* reset
      assert.include(yield* Fiber.join(failing), "ECONNRESET")
      // It may hear of it while it connects, or after.
      yield* Effect.ignore(Effect.flatMap(testSocket(port), closed))
      yield* normal
      assert.strictEqual(yield* echo(yield* testSocket(port), "again"), "again")
    })
  )

  it.live("cuts off the next reply, and only so many", () =>
    Effect.gen(function* () {
      const { cutReplies, port } = yield* proxied
      const socket = yield* testSocket(port)
      yield* cutReplies(3, 1)
      assert.strictEqual(yield* echo(socket, "abcdef", 3), "abc")
      yield* closed(socket)
      assert.strictEqual(yield* echo(yield* testSocket(port), "abcdef"), "abcdef")
    })
  )

  it.live("holds everything back in a black hole, until it is gone", () =>
    Effect.gen(function* () {
      const { blackhole, normal, port } = yield* proxied
      const socket = yield* testSocket(port)
      yield* blackhole
      const late = yield* Effect.forkChild(echo(socket, "held"), { startImmediately: true })
      assert.isTrue(Option.isNone(yield* Effect.timeoutOption(Fiber.await(late), "30 millis")))
      yield* normal
      assert.strictEqual(yield* Fiber.join(late), "held")
    })
  )
})
