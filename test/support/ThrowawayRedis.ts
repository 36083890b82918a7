import { Effect, Schedule } from "effect"
import type { Scope } from "effect"
import { startedContainer } from "./throwaway/Container.ts"
import { commandResult } from "./CommandResult.ts"
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
  /** Port with TLS, if it has a certificate. */
  readonly tlsPort: number | undefined
  readonly pid: number
  readonly signal: (signal: NodeJS.Signals) => Effect.Effect<void>
  /** Kills the server and starts it again on its port, with its data if `keepsData` is set. */
  readonly restart: Effect.Effect<void, ServerNotStarted>
  /** Stops the server and removes its folder, as the end of the scope does. */
  readonly stop: Effect.Effect<void>
}

/** Files of a certificate for `localhost`. */
export interface RedisCertificate {
  readonly authority: string
  readonly certificate: string
  readonly key: string
}

const host = "127.0.0.1"
const ready = "Ready to accept connections"

const local = (owned: Guard, folder: string, args: ReadonlyArray<string>, wanted?: number) =>
  Effect.gen(function* () {
    const port = wanted ?? (yield* freePort)
    const start = startedServer({
      guard: owned,
      account: {},
      command: programIn(folder, ["redis-server", "valkey-server"]),
      args: ["--port", String(port), "--bind", host, "--dir", owned.folder, ...args],
      watched: (pid) => ({ _tag: "Process", pid, signal: "KILL" }),
      ready
    })
    const first = yield* start
    let pid = first
    const restart = Effect.gen(function* () {
      yield* signalFamily(pid, "SIGKILL")
      // The port is free a moment later.
      pid = yield* Effect.retry(start, { schedule: Schedule.spaced("50 millis"), times: 100 })
    })
    return { port, pid: first, signal: (signal: NodeJS.Signals) => signalFamily(pid, signal), restart }
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
  // A container keeps its folder.
  const restart = Effect.andThen(
    commandResult("docker", ["restart", "--time", "0", started.name]),
    Effect.sync(() => owned.watch({ _tag: "Container", name: started.name }))
  )
  return { port, ...started, restart }
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
    /** Certificate for a second port with TLS; not in a container. Nodes of a Cluster announce `localhost` then. */
    readonly tls?: RedisCertificate | undefined
    /** Whether data survives a restart. */
    readonly keepsData?: boolean
  } = {}
): Effect.fn.Return<ThrowawayRedis, NothingToRun | ServerNotStarted, Scope.Scope> {
  const { cluster = false, keepsData = false, password, port, replicaOf, tls } = options
  const secret = password === undefined ? [] : ["--requirepass", password]
  const node = cluster ? ["--cluster-enabled", "yes", "--cluster-announce-ip", host] : []
  const master = replicaOf === undefined ? [] : ["--replicaof", host, String(replicaOf)]
  const persistence = keepsData ? ["--appendonly", "yes", "--appendfsync", "always"] : ["--appendonly", "no"]
  // A Cluster adds 10,000 to the port for its own connections.
  const lowPort = Effect.repeat(freePort, { until: (free) => free < 55_536 })
  const tlsPort = tls === undefined ? undefined : yield* lowPort
  const files = ({ authority, certificate, key }: RedisCertificate) => [
    "--tls-cert-file",
    certificate,
    "--tls-key-file",
    key,
    "--tls-ca-cert-file",
    authority,
    "--tls-auth-clients",
    "no"
  ]
  // Only with encrypted connections between nodes are the ports with TLS announced.
  const announced = ["--cluster-announce-hostname", "localhost", "--cluster-preferred-endpoint-type", "hostname"]
  const encryption =
    tls === undefined
      ? []
      : ["--tls-port", String(tlsPort), ...files(tls), ...(cluster ? ["--tls-cluster", "yes", ...announced] : [])]
  const args = ["--save", "", ...persistence, ...secret, ...node, ...master, ...encryption]
  const program = yield* redisProgram
  const owned = yield* guard({})
  const server = yield* program._tag === "Docker"
    ? contained(owned, args, port)
    : local(owned, program.folder, args, port)
  const credentials = password === undefined ? "" : `:${encodeURIComponent(password)}@`
  return { url: `redis://${credentials}${host}:${server.port}`, host, tlsPort, ...server, stop: owned.end }
})
