import { Redacted } from "effect"
import { Cluster, Redis } from "ioredis"
import type { RedisTarget } from "../AppConfig.ts"
import { isFromWrongServer } from "./Fault.ts"

export type RedisClient = Redis | Cluster

type RemoteTarget = Exclude<RedisTarget, { readonly _tag: "Embedded" }>

/** Doubles from 50 ms to 500 ms. */
const retryDelayMs = (attempt: number): number => Math.min(500, 50 * 2 ** (attempt - 1))

/**
 * Client that is not connected yet. It fails fast: no command is queued while offline or sent again after a lost
 * connection. A silent socket is replaced, because a dropped connection can look alive for 15 minutes. A connection to a
 * replica is replaced too, because after a failover only a new connection reaches the master; `onReplaced` runs first.
 */
export const makeRedisClient = (
  target: RemoteTarget,
  timeoutMs: number,
  onReplaced: () => void = () => {}
): RedisClient => {
  // A cluster uses these itself, and passes the others to the connections of its nodes.
  const startup = { lazyConnect: true, enableOfflineQueue: false }
  const connection = {
    username: target.username,
    password: Redacted.value(target.password),
    ...(target.tls ? { tls: {} } : {}),
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    socketTimeout: 3 * timeoutMs,
    reconnectOnError: (error: Error) => {
      const isReplaced = isFromWrongServer(error)
      if (isReplaced) onReplaced()
      return isReplaced
    },
    connectionName: "tbg-api",
    replyMapping: "legacy" as const
  }
  if (target._tag === "Single") {
    const { host, number: db, port } = target
    return new Redis({ ...startup, ...connection, host, port, db, retryStrategy: retryDelayMs })
  }
  // A certificate names hosts, so addresses must not replace them.
  const dnsLookup = (host: string, resume: (error: null, host: string) => void) => resume(null, host)
  return new Cluster([...target.nodes], {
    ...startup,
    clusterRetryStrategy: retryDelayMs,
    slotsRefreshTimeout: timeoutMs,
    ...(target.tls ? { dnsLookup } : {}),
    redisOptions: connection
  })
}
