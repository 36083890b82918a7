import type { Effect, Scope } from "effect"
import type { TcpProxy } from "./TcpProxy.ts"
import { throwawayRedis } from "./ThrowawayRedis.ts"
import type { ThrowawayRedis } from "./ThrowawayRedis.ts"

/** A fault of Redis or of the network to it. */
export interface RedisFault {
  readonly name: string
  /** Spent requests of a key after the fault, if it had spent two before and made one check during it. */
  readonly spent: number
  readonly begin: (redis: ThrowawayRedis, proxy: TcpProxy) => Effect.Effect<void>
  readonly end: (redis: ThrowawayRedis, proxy: TcpProxy) => Effect.Effect<unknown, unknown, Scope.Scope>
}

const normal: RedisFault["end"] = (_, proxy) => proxy.normal

/** The faults of contract section 5; a slow Redis takes `lateMs` milliseconds more each way. */
export const faultsOfRedis = (lateMs: number): ReadonlyArray<RedisFault> => [
  {
    name: "killed",
    spent: 0,
    begin: (redis) => redis.signal("SIGKILL"),
    end: ({ port }) => throwawayRedis({ port })
  },
  {
    name: "frozen",
    spent: 2,
    begin: (redis) => redis.signal("SIGSTOP"),
    end: (redis) => redis.signal("SIGCONT")
  },
  { name: "slower than the budget", spent: 2, begin: (_, proxy) => proxy.latency(lateMs), end: normal },
  { name: "behind a network that is parted", spent: 2, begin: (_, proxy) => proxy.blackhole, end: normal },
  { name: "reset by the network", spent: 2, begin: (_, proxy) => proxy.reset, end: normal },
  // The check whose response was cut off is spent in Redis, and no process can know.
  { name: "cut off in the middle of a reply", spent: 3, begin: (_, proxy) => proxy.cutReplies(7), end: normal }
]
