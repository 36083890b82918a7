import { Redacted } from "effect"
import { Cluster, Redis } from "ioredis"
import { DependencyDown } from "../../domain/Dependency.ts"
import type { Fault } from "../../domain/Dependency.ts"
import type { RedisTarget } from "../AppConfig.ts"

export type RedisClient = Redis | Cluster

/** One server or a cluster; the embedded target has no client. */
type RemoteTarget = Exclude<RedisTarget, { readonly _tag: "Embedded" }>

/** 50 ms doubling up to 500, without an end: Redis comes back when it comes back. */
const retryDelayMs = (attempt: number): number => Math.min(500, 50 * 2 ** (attempt - 1))

/**
 * Fails fast and heals by itself: no command waits in an offline queue or is sent again after a lost connection, and a
 * socket without an answer is replaced, as a connection that a network dropped looks alive for a quarter of an hour.
 */
const options = (timeoutMs: number) => ({
  lazyConnect: true,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  connectTimeout: timeoutMs,
  commandTimeout: timeoutMs,
  socketTimeout: 3 * timeoutMs,
  connectionName: "tbg-api",
  replyMapping: "legacy" as const
})

/** A client that has not connected yet. Commands that have no answer after `timeoutMs` milliseconds fail. */
export const makeRedisClient = (target: RemoteTarget, timeoutMs: number): RedisClient => {
  if (target._tag === "Single") {
    return new Redis(Redacted.value(target.url), { ...options(timeoutMs), retryStrategy: retryDelayMs })
  }
  const { lazyConnect, enableOfflineQueue, ...redisOptions } = options(timeoutMs)
  return new Cluster([...target.nodes], {
    lazyConnect,
    enableOfflineQueue,
    clusterRetryStrategy: retryDelayMs,
    slotsRefreshTimeout: timeoutMs,
    redisOptions: {
      ...redisOptions,
      ...(target.username === undefined ? {} : { username: target.username }),
      ...(target.password === undefined ? {} : { password: Redacted.value(target.password) }),
      ...(target.tls ? { tls: {} } : {})
    }
  })
}

const textOf = (error: unknown): string => {
  if (!(error instanceof Error)) return ""
  const code = "code" in error ? String(error.code) : ""
  // A cluster hides what its last node said.
  const lastNode = "lastNodeError" in error ? textOf(error.lastNodeError) : ""
  return `${code} ${error.message} ${lastNode}`
}

/** The word for a failure of Redis that may be shown (contract section 2); the driver tells them apart by text only. */
export const faultOfRedisError = (error: unknown): Fault => {
  const text = textOf(error)
  if (/WRONGPASS|NOAUTH|invalid password|invalid username/i.test(text)) return "refused"
  if (/command timed out|ETIMEDOUT|socket timeout/i.test(text)) return "timeout"
  if (
    /ECONN|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EPIPE|isn't writeable|connection is closed|connection close|max retries|refresh slots/i.test(
      text
    )
  ) {
    return "unreachable"
  }
  return "failed"
}

/** The same as what callers of Redis get. */
export const redisDown = (error: unknown): DependencyDown => new DependencyDown({ fault: faultOfRedisError(error) })
