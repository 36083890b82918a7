import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Option } from "effect"
import { tcpProxy, tcpProxyLayer } from "./TcpProxy.ts"
import type { TcpProxy } from "./TcpProxy.ts"
import { echo, echoPort, proxied } from "./TcpProxyEcho.ts"
import { testSocket } from "./TestSocket.ts"

const timed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const begun = performance.now()
    return Effect.map(effect, () => performance.now() - begun)
  })

/** How late ten texts are, one after the other, under a jitter. */
const delays = Effect.fnUntraced(function* (seed: string) {
  const { port, slow } = yield* tcpProxy(yield* echoPort, { seed })
  const socket = yield* testSocket(port)
  yield* slow({ jitterMs: 40 })
  return yield* Effect.forEach(Array.from({ length: 10 }), () => timed(echo(socket, "late")))
})

/** The sum of what two lists differ by, place by place. */
const distance = (some: ReadonlyArray<number>, others: ReadonlyArray<number>) =>
  some.reduce((sum, value, index) => sum + Math.abs(value - (others[index] ?? 0)), 0)

describe("a slow tcpProxy", () => {
  it.live("jitters the same way under the same seed, and another under another", () =>
    Effect.gen(function* () {
      const [first, again, other] = yield* Effect.all([delays("one"), delays("one"), delays("two")], { concurrency: 3 })
      assert.isBelow(distance(first, again), distance(first, other))
      assert.isAbove(Math.max(...first) - Math.min(...first), 10)
    })
  )

  it.live("lets no more pass in a second than it has room for", () =>
    Effect.gen(function* () {
      const { port, slow } = yield* proxied
      const socket = yield* testSocket(port)
      yield* slow({ bytesPerSecond: 50_000 })
      const text = "x".repeat(5000)
      // A tenth of a second each way; timers may be a millisecond early.
      assert.isAtLeast(yield* timed(echo(socket, text)), 198)
    })
  )
})

describe("a half-open connection", () => {
  it.live("carries nothing and tells nobody, for good, while new ones do", () =>
    Effect.gen(function* () {
      const { halfOpen, normal, port } = yield* proxied
      const socket = yield* testSocket(port)
      assert.strictEqual(yield* echo(socket, "here"), "here")
      yield* halfOpen
      const lost = echo(socket, "lost").pipe(Effect.timeoutOption("50 millis"))
      assert.isTrue(Option.isNone(yield* lost))
      assert.strictEqual(yield* echo(yield* testSocket(port), "new"), "new")
      yield* normal
      assert.isTrue(Option.isNone(yield* lost))
      assert.isFalse(socket.destroyed)
    })
  )
})

class OneWay extends Context.Service<OneWay, TcpProxy>()("test/support/OneWay") {}
class OtherWay extends Context.Service<OtherWay, TcpProxy>()("test/support/OtherWay") {}

describe("tcpProxyLayer", () => {
  it.live("gives a test several proxies, each spoilt by itself", () =>
    Effect.gen(function* () {
      const one = yield* OneWay
      const other = yield* OtherWay
      yield* one.blackhole
      const held = echo(yield* testSocket(one.port), "held")
      assert.isTrue(Option.isNone(yield* Effect.timeoutOption(held, "30 millis")))
      assert.strictEqual(yield* echo(yield* testSocket(other.port), "passed"), "passed")
    }).pipe(Effect.provide([tcpProxyLayer(OneWay, echoPort), tcpProxyLayer(OtherWay, echoPort)]))
  )
})
