import { Effect } from "effect"
import { RedisServer, RedisWay } from "./Servers.ts"
import type { Cause } from "./Servers.ts"
import type { redisFaults } from "./table/RedisFaults.ts"
import type { redisNetworkFaults } from "./table/RedisNetworkFaults.ts"

type Server = RedisServer["Service"]
type Way = RedisWay["Service"]

const of = (begin: (server: Server) => Effect.Effect<unknown, unknown>) => Effect.flatMap(RedisServer, begin)
const on = (begin: (way: Way) => Effect.Effect<unknown, unknown>) => Effect.flatMap(RedisWay, begin)

const startAgain = of((server) => server.startAgain)
const normal = on((way) => way.normal)

/** Those of callers, and not the one that asks for it. */
const clientsKilled = ["KILL", "TYPE", "normal", "SKIPME", "yes"]
const configured = ({ call }: Server, name: string, value: string, password?: string) =>
  call("CONFIG", ["SET", name, value], password)

export const redisCauses: Record<keyof typeof redisFaults, Cause<RedisServer | RedisWay>> = {
  "Redis is killed": { begin: of(({ end }) => end("SIGKILL")), end: startAgain },
  "Redis is restarted": { begin: of(({ end }) => end("SIGTERM")), end: startAgain },
  "Redis is frozen": { begin: of(({ signal }) => signal("SIGSTOP")), end: of(({ signal }) => signal("SIGCONT")) },
  "Redis is emptied": { begin: of(({ call }) => call("FLUSHALL", [])) },
  "Redis closes every connection": { begin: of(({ call }) => call("CLIENT", clientsKilled)) },
  "Redis is out of memory": {
    begin: of((server) =>
      Effect.andThen(configured(server, "maxmemory-policy", "noeviction"), configured(server, "maxmemory", "1"))
    ),
    end: of((server) => configured(server, "maxmemory", "0"))
  },
  "Redis is demoted": {
    begin: of(({ call }) => call("REPLICAOF", ["127.0.0.1", "1"])),
    end: of(({ call }) => call("REPLICAOF", ["NO", "ONE"]))
  },
  "Redis is demoted behind its name": {
    begin: Effect.gen(function* () {
      const { call, replicaPort } = yield* RedisServer
      const { leadTo } = yield* RedisWay
      yield* leadTo(replicaPort)
      yield* call("CLIENT", clientsKilled)
    }),
    end: Effect.gen(function* () {
      const { port } = yield* RedisServer
      const { leadTo } = yield* RedisWay
      yield* leadTo(port)
    })
  },
  "the Redis password is changed": {
    begin: of(({ call, ...server }) =>
      Effect.andThen(
        configured({ call, ...server }, "requirepass", "another"),
        call("CLIENT", clientsKilled, "another")
      )
    ),
    end: of((server) => configured(server, "requirepass", "", "another"))
  }
}

export const redisNetworkCauses: Record<keyof typeof redisNetworkFaults, Cause<RedisWay>> = {
  "the network to Redis is slow": { begin: on((way) => way.slow({ latencyMs: 100, jitterMs: 20 })), end: normal },
  "the network to Redis has little bandwidth": {
    begin: on((way) => way.slow({ bytesPerSecond: 2 * 1024 })),
    end: normal
  },
  "the network to Redis resets connections": { begin: on((way) => way.reset), end: normal },
  "connections to Redis are half-open": { begin: on((way) => way.halfOpen) },
  "replies of Redis are cut off": { begin: on((way) => way.cutReplies(7)), end: normal },
  "the network to Redis is partitioned": { begin: on((way) => way.blackhole), end: normal }
}
