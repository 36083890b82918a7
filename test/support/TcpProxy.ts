import { connect, createServer } from "node:net"
import type { AddressInfo, Server, Socket } from "node:net"
import { Effect, Latch, Layer } from "effect"
import type { Context, Scope } from "effect"
import { normalConditions, passBothWays } from "./TcpProxyLink.ts"
import type { Conditions, Link, Slowness } from "./TcpProxyLink.ts"

/**
 * A local port that forwards to another through a network whose faults a test controls. Each mode replaces the previous
 * one.
 */
export interface TcpProxy {
  readonly port: number
  /** Forwards everything, including what a black hole held back. */
  readonly normal: Effect.Effect<void>
  /** Delays everything by this many milliseconds each way. */
  readonly latency: (milliseconds: number) => Effect.Effect<void>
  /** Delays by a varying time, with limited bandwidth. */
  readonly slow: (slowness: Slowness) => Effect.Effect<void>
  /** Resets (RST) existing and new connections. */
  readonly reset: Effect.Effect<void>
  /**
   * Forgets existing connections, like a network that lost its state: data of either side is dropped silently,
   * permanently. New connections work.
   */
  readonly halfOpen: Effect.Effect<void>
  /** Forwards only the first bytes of the server's next data, then closes the connection; this many times. */
  readonly cutReplies: (bytes: number, times?: number) => Effect.Effect<void>
  /** Accepts connections and data without forwarding anything, like a network partition. */
  readonly blackhole: Effect.Effect<void>
  /** Sends new connections to another port, as if a name had moved; existing ones stay. */
  readonly leadTo: (port: number) => Effect.Effect<void>
}

const host = "127.0.0.1"

const portOf = (server: Server): number => {
  const isAddress = (address: AddressInfo | string | null): address is AddressInfo => typeof address === "object"
  const address = server.address()
  return isAddress(address) ? address.port : 0
}

/** A proxy in front of a local port, closed with the scope. */
export const tcpProxy = Effect.fnUntraced(function* (
  target: number,
  options: { readonly seed?: string } = {}
): Effect.fn.Return<TcpProxy, never, Scope.Scope> {
  const scope = yield* Effect.scope
  const run = Effect.runForkWith(yield* Effect.context())
  const passing = yield* Latch.make(true)
  const links = new Set<Link>()
  const open = new Set<Socket>()
  const conditions: Conditions = normalConditions()
  let leadsTo = target

  const track = (socket: Socket): Socket => {
    open.add(socket)
    // A failed connection is closed next.
    return socket.on("error", () => {}).on("close", () => open.delete(socket))
  }

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    track(client)
    if (conditions.isResetting) return void client.resetAndDestroy()
    const upstream = track(connect({ port: leadsTo, host, allowHalfOpen: true, noDelay: true }))
    const link: Link = { client, upstream, isForgotten: false }
    links.add(link)
    client.on("close", () => links.delete(link))
    run(Effect.forkIn(passBothWays(link, { conditions, passing, seed: options.seed ?? "jitter" }), scope))
  })

  const change = (change: () => void) =>
    Effect.sync(() => {
      Object.assign(conditions, normalConditions())
      passing.openUnsafe()
      change()
    })
  const slow = (slowness: Slowness) => change(() => void (conditions.slowness = slowness))

  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => void server.listen(0, host, () => resume(Effect.void))),
    () =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        for (const socket of open) socket.destroy()
      })
  )
  return {
    port: portOf(server),
    normal: change(() => {}),
    latency: (latencyMs) => slow({ latencyMs }),
    slow,
    reset: change(() => {
      conditions.isResetting = true
      for (const socket of open) socket.resetAndDestroy()
    }),
    halfOpen: change(() => {
      for (const link of links) link.isForgotten = true
    }),
    cutReplies: (bytes, times = Number.POSITIVE_INFINITY) =>
      change(() => void (conditions.cuts = { bytes, left: times })),
    blackhole: change(() => void passing.closeUnsafe()),
    leadTo: (port) => Effect.sync(() => void (leadsTo = port))
  }
})

/** The proxy as a layer under the test's own key, so that each server can have one. */
export const tcpProxyLayer = <Key, E, R>(
  key: Context.Key<Key, TcpProxy>,
  target: Effect.Effect<number, E, R>,
  options: { readonly seed?: string } = {}
): Layer.Layer<Key, E, Exclude<R, Scope.Scope>> =>
  Layer.effect(
    key,
    Effect.flatMap(target, (port) => tcpProxy(port, options))
  )
