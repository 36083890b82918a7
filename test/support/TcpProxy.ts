import { connect, createServer } from "node:net"
import type { AddressInfo, Server, Socket } from "node:net"
import { Effect, Latch, Queue } from "effect"
import type { Scope } from "effect"

/** A port of 127.0.0.1 that leads to another, over a network that a test may spoil. Each switch undoes the one before. */
export interface TcpProxy {
  readonly port: number
  /** Passes everything on, what a black hole held back too. */
  readonly normal: Effect.Effect<void>
  /** Passes everything on so many milliseconds late, each way. */
  readonly latency: (milliseconds: number) => Effect.Effect<void>
  /** Resets (RST) the connections that there are, and each that comes. */
  readonly reset: Effect.Effect<void>
  /** Passes on the first bytes of the server's next data, and ends that connection there; so many times. */
  readonly cutReplies: (bytes: number, times?: number) => Effect.Effect<void>
  /** Takes connections and data, and passes nothing on, as a network that is parted. */
  readonly blackhole: Effect.Effect<void>
}

const host = "127.0.0.1"

const portOf = (server: Server): number => {
  const isAddress = (address: AddressInfo | string | null): address is AddressInfo => typeof address === "object"
  const address = server.address()
  return isAddress(address) ? address.port : 0
}

interface Piece {
  /** `undefined` ends the connection. */
  readonly bytes: Buffer | undefined
  readonly dueAt: number
}

/** A proxy in front of a port of 127.0.0.1; it and its connections end with the scope. */
export const tcpProxy = Effect.fnUntraced(function* (target: number): Effect.fn.Return<TcpProxy, never, Scope.Scope> {
  const scope = yield* Effect.scope
  const run = Effect.runForkWith(yield* Effect.context())
  const passing = yield* Latch.make(true)
  const open = new Set<Socket>()
  let delayMs = 0
  let cuts = { bytes: 0, left: 0 }
  let isResetting = false

  const track = (socket: Socket): Socket => {
    open.add(socket)
    // A connection that fails is closed next.
    return socket.on("error", () => {}).on("close", () => open.delete(socket))
  }

  const deliver = ({ bytes }: Piece, to: Socket, isReply: boolean): void => {
    if (bytes === undefined) to.end()
    else if (isReply && cuts.left > 0) {
      cuts.left -= 1
      to.write(bytes.subarray(0, cuts.bytes), () => to.destroy())
    } else to.write(bytes)
  }

  /** One way of a connection, in order, however the delay changes. */
  const pass = Effect.fnUntraced(function* (from: Socket, to: Socket, isReply: boolean) {
    const pieces = yield* Queue.unbounded<Piece>()
    const hold = (bytes?: Buffer) =>
      void Queue.offerUnsafe(pieces, { bytes, dueAt: performance.now() + (bytes === undefined ? 0 : delayMs) })
    from.on("data", hold).on("end", () => hold())
    from.on("close", (failed) => failed && to.destroy())
    to.on("close", () => void from.destroy())
    yield* Queue.take(pieces).pipe(
      Effect.tap(({ dueAt }) => Effect.sleep(Math.max(0, dueAt - performance.now()))),
      Effect.tap(() => passing.await),
      Effect.tap((piece) => Effect.sync(() => deliver(piece, to, isReply))),
      Effect.repeat({ while: ({ bytes }) => bytes !== undefined && !to.destroyed })
    )
  })

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    track(client)
    if (isResetting) return void client.resetAndDestroy()
    const upstream = track(connect({ port: target, host, allowHalfOpen: true, noDelay: true }))
    run(Effect.forkIn(pass(client, upstream, false), scope))
    run(Effect.forkIn(pass(upstream, client, true), scope))
  })

  const change = (change: () => void) =>
    Effect.sync(() => {
      delayMs = 0
      cuts = { bytes: 0, left: 0 }
      isResetting = false
      passing.openUnsafe()
      change()
    })

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
    latency: (milliseconds) => change(() => void (delayMs = milliseconds)),
    reset: change(() => {
      isResetting = true
      for (const socket of open) socket.resetAndDestroy()
    }),
    cutReplies: (bytes, times = Number.POSITIVE_INFINITY) => change(() => void (cuts = { bytes, left: times })),
    blackhole: change(() => void passing.closeUnsafe())
  }
})
