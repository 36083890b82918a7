import { Effect } from "effect"
import type { Scope } from "effect"
import { startedContainer } from "./throwaway/Container.ts"
import { guard } from "./throwaway/Guard.ts"
import type { Guard } from "./throwaway/Guard.ts"
import { programIn, redisProgram } from "./throwaway/Programs.ts"
import type { NothingToRun } from "./throwaway/Programs.ts"
import { freePort, signalFamily, startedServer } from "./throwaway/ServerProcess.ts"
import type { ServerNotStarted } from "./throwaway/ServerProcess.ts"

/** A separate Redis on 127.0.0.1 that a test may stop, freeze and kill. */
export interface ThrowawayRedis {
  /** `redis://127.0.0.1:port`, with `:password@` if it has one. */
  readonly url: string
  readonly host: string
  readonly port: number
  readonly pid: number
  readonly signal: (signal: NodeJS.Signals) => Effect.Effect<void>
  /** Stops the server and removes its folder, as the end of the scope does. */
  readonly stop: Effect.Effect<void>
}

const host = "127.0.0.1"
const ready = "Ready to accept connections"

const local = (owned: Guard, folder: string, args: ReadonlyArray<string>, wanted?: number) =>
  Effect.gen(function* () {
    const port = wanted ?? (yield* freePort)
    const pid = yield* startedServer({
      guard: owned,
      account: {},
      command: programIn(folder, ["redis-server", "valkey-server"]),
      args: ["--port", String(port), "--bind", host, "--dir", owned.folder, ...args],
      watched: (pid) => ({ _tag: "Process", pid, signal: "KILL" }),
      ready
    })
    return { port, pid, signal: (signal: NodeJS.Signals) => signalFamily(pid, signal) }
  }).pipe(Effect.retry({ times: 3 }))

const contained = Effect.fnUntraced(function* (owned: Guard, args: ReadonlyArray<string>, wanted?: number) {
  const port = wanted ?? (yield* freePort)
  const publish = `${host}:${port}:6379`
  const command = ["redis-server", ...args]
  const started = yield* startedContainer({
    guard: owned,
    image: "redis:7-alpine",
    publish,
    settings: [],
    args: command,
    ready
  })
  return { port, ...started }
})

/**
 * A throwaway Redis. `port` may be that of a stopped one, `cluster` makes it a Cluster node without slots, and
 * `replicaOf` is its master's port.
 */
export const throwawayRedis = Effect.fnUntraced(function* (
  options: {
    readonly password?: string
    readonly port?: number
    readonly cluster?: boolean
    readonly replicaOf?: number
  } = {}
): Effect.fn.Return<ThrowawayRedis, NothingToRun | ServerNotStarted, Scope.Scope> {
  const { cluster = false, password, port, replicaOf } = options
  const secret = password === undefined ? [] : ["--requirepass", password]
  const node = cluster ? ["--cluster-enabled", "yes", "--cluster-announce-ip", host] : []
  const master = replicaOf === undefined ? [] : ["--replicaof", host, String(replicaOf)]
  const args = ["--save", "", "--appendonly", "no", ...secret, ...node, ...master]
  const program = yield* redisProgram
  const owned = yield* guard({})
  const server = yield* program._tag === "Docker"
    ? contained(owned, args, port)
    : local(owned, program.folder, args, port)
  const credentials = password === undefined ? "" : `:${encodeURIComponent(password)}@`
  return { url: `redis://${credentials}${host}:${server.port}`, host, ...server, stop: owned.end }
})
