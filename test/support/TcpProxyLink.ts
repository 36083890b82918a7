import type { Socket } from "node:net"
import { Effect, Queue, Random } from "effect"
import type { Latch } from "effect"

/** Delays of a network; omitted ones are zero. */
export interface Slowness {
  /** Delay in milliseconds, each way. */
  readonly latencyMs?: number
  /** Maximum additional delay in milliseconds, random per chunk; the order stays. */
  readonly jitterMs?: number
  /** Bytes per second, each way of each connection. */
  readonly bytesPerSecond?: number
}

/** Current mode of all connections. */
export interface Conditions {
  slowness: Slowness
  /** Forwards at most this many bytes of the next replies, then closes their connections. */
  cuts: { readonly bytes: number; left: number }
  isResetting: boolean
}

export const normalConditions = (): Conditions => ({ slowness: {}, cuts: { bytes: 0, left: 0 }, isResetting: false })

/** Both ends of a connection. A forgotten one forwards nothing, not even its end. */
export interface Link {
  readonly client: Socket
  readonly upstream: Socket
  isForgotten: boolean
}

interface Piece {
  /** `undefined` ends the connection. */
  readonly bytes: Buffer | undefined
  readonly dueAt: number
}

/** Shared state of a proxy's connections: its mode, a latch that a black hole closes, and the seed of jitter. */
interface Way {
  readonly conditions: Conditions
  readonly passing: Latch.Latch
  readonly seed: string
}

/** Forwards one direction of a connection, in order, even if the mode changes. */
const pass = Effect.fnUntraced(function* (link: Link, isReply: boolean, { conditions, passing, seed }: Way) {
  const [from, to] = isReply ? [link.upstream, link.client] : [link.client, link.upstream]
  const pieces = yield* Queue.unbounded<Piece>()
  const random = yield* Random.withSeed(Random.Random, seed)

  const hold = (bytes: Buffer): void => {
    const { jitterMs = 0, latencyMs = 0 } = conditions.slowness
    const dueAt = performance.now() + latencyMs + jitterMs * random.nextDoubleUnsafe()
    Queue.offerUnsafe(pieces, { bytes, dueAt })
  }
  const waited = ({ bytes, dueAt }: Piece) => {
    const { bytesPerSecond = Number.POSITIVE_INFINITY } = conditions.slowness
    const takesMs = (1000 * (bytes?.length ?? 0)) / bytesPerSecond
    return Effect.sleep(Math.max(0, dueAt - performance.now()) + takesMs)
  }
  const deliver = ({ bytes }: Piece): void => {
    const { cuts } = conditions
    if (link.isForgotten) return
    if (bytes === undefined) to.end()
    else if (isReply && cuts.left > 0) {
      cuts.left -= 1
      to.write(bytes.subarray(0, cuts.bytes), () => to.destroy())
    } else to.write(bytes)
  }

  from.on("data", hold).on("end", () => Queue.offerUnsafe(pieces, { bytes: undefined, dueAt: 0 }))
  from.on("close", (failed) => failed && !link.isForgotten && to.destroy())
  to.on("close", () => void (link.isForgotten || from.destroy()))
  yield* Queue.take(pieces).pipe(
    Effect.tap(waited),
    Effect.tap(() => passing.await),
    Effect.tap((piece) => Effect.sync(() => deliver(piece))),
    Effect.repeat({ while: ({ bytes }) => bytes !== undefined && !to.destroyed })
  )
})

/** Forwards both directions until they end. */
export const passBothWays = (link: Link, way: Way) =>
  Effect.all([pass(link, false, way), pass(link, true, way)], { concurrency: 2, discard: true })
