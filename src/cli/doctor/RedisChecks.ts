import { Context, Duration, Effect, Layer, Result } from "effect"
import { Cluster } from "ioredis"
import type { Redis } from "ioredis"
import { DependencyDown } from "../../domain/Dependency.ts"
import type { Fault } from "../../domain/Dependency.ts"
import { redisAdvice } from "../../layers/Advice.ts"
import { AppConfig, describeRedis } from "../../layers/AppConfig.ts"
import type { RedisTarget } from "../../layers/AppConfig.ts"
import { makeAdmissions } from "../../layers/redis/Admissions.ts"
import { makeRedisClient } from "../../layers/redis/Client.ts"
import type { RedisClient } from "../../layers/redis/Client.ts"
import { faultOfRedisError, redisDown } from "../../layers/redis/Fault.ts"
import { failed, ok, skipped, warning } from "./Check.ts"
import type { Check, Finding } from "./Check.ts"
import { latencyFinding } from "./Postgres.ts"

/** Milliseconds; longer than the limit for requests, so that slow responses are measured. */
const timeoutMs = 3000

/** Connection to Redis for commands that the service does not use. */
export class RedisNodes extends Context.Service<
  RedisNodes,
  {
    readonly where: string
    /** Connects, and returns the fault if that fails. */
    readonly connect: Effect.Effect<Fault | undefined>
    readonly client: RedisClient
    /** The server, or the masters of a cluster. */
    readonly nodes: Effect.Effect<ReadonlyArray<Redis>>
  }
>()("tbg-api/cli/doctor/RedisNodes") {
  static readonly layer = (target: Exclude<RedisTarget, { readonly _tag: "Embedded" }>) =>
    Layer.effect(
      RedisNodes,
      Effect.gen(function* () {
        let last: unknown
        const client = yield* Effect.acquireRelease(
          Effect.sync(() => makeRedisClient(target, timeoutMs)),
          (client) => Effect.sync(() => client.disconnect())
        )
        client.on("error", (error) => (last = error))
        if (client instanceof Cluster) client.on("+node", (node) => node.on("error", () => {}))
        return {
          where: describeRedis(target),
          client,
          connect: Effect.promise(() => client.connect().catch((error: unknown) => void (last ??= error))).pipe(
            Effect.map(() => (client.status === "ready" ? undefined : faultOfRedisError(last)))
          ),
          nodes: Effect.sync(() => (client instanceof Cluster ? client.nodes("master") : [client]))
        }
      })
    )
}

type RedisCheck = Check<RedisNodes | AppConfig>

/** Finding for a Redis that is unavailable. */
const failedBy = Effect.fnUntraced(function* (down: DependencyDown, consequence = "") {
  const { redis } = yield* AppConfig
  const { fix, problem } = redisAdvice(redis.target, down)
  return failed(problem + consequence, fix)
})

const askNodes = <A>(ask: (node: Redis) => Promise<A>) =>
  Effect.gen(function* () {
    const { nodes } = yield* RedisNodes
    const all = yield* nodes
    return yield* Effect.tryPromise({ try: () => Promise.all(all.map(ask)), catch: redisDown })
  })

export const redisConnection: RedisCheck = {
  name: "redis",
  run: Effect.gen(function* () {
    const { connect, where } = yield* RedisNodes
    const { readiness } = yield* AppConfig
    const fault = yield* connect
    if (fault === undefined) {
      const [took] = yield* Effect.timed(askNodes((node) => node.ping()))
      return latencyFinding(where, Duration.toMillis(took))
    }
    const consequence = readiness.requiresRedis
      ? "the service is not ready"
      : "each process counts rate limits by itself"
    return yield* failedBy(new DependencyDown({ fault }), `; ${consequence}`)
  })
}

/** Returns a function for each server that reads a field of INFO. */
const infoOf = (section: string) =>
  Effect.map(
    askNodes((node) => node.info(section)),
    (texts) =>
      texts.map(
        (text) =>
          (name: string): string | undefined =>
            new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(text)?.[1]
      )
  )

/** Returns the first finding that is not ok, or else the first one. */
const worstOf = (findings: ReadonlyArray<Finding>): Finding =>
  findings.find(({ state }) => state !== "ok") ?? findings[0] ?? skipped("the cluster reports no master")

const version: RedisCheck = {
  name: "redis version",
  run: Effect.map(infoOf("server"), (servers) =>
    worstOf(
      servers.map((field) => {
        const version = field("redis_version")
        if (version === undefined) return skipped("the server does not report it")
        return Number.parseInt(version, 10) >= 5
          ? ok(version)
          : failed(`${version} is too old`, "upgrade to Redis 5 or later")
      })
    )
  )
}

export const evictionFinding = (policy: string | undefined): Finding => {
  if (policy === undefined) return skipped("the server does not report it")
  if (policy === "noeviction" || policy.startsWith("volatile-")) return ok(policy)
  return warning(
    `${policy}: if memory is short, rate-limit counts may be evicted before keys that never expire`,
    "CONFIG SET maxmemory-policy volatile-ttl, or noeviction"
  )
}

const eviction: RedisCheck = {
  name: "redis eviction",
  run: Effect.map(infoOf("memory"), (servers) =>
    worstOf(servers.map((field) => evictionFinding(field("maxmemory_policy"))))
  )
}

/** Both in bytes. `limit` is 0 if the server has no limit. */
export const memoryFinding = (used: number, limit: number): Finding => {
  const mebibytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`
  if (limit === 0) return ok(`${mebibytes(used)} used, no maxmemory set`)
  const words = `${mebibytes(used)} used of ${mebibytes(limit)}`
  return used < limit * 0.9
    ? ok(words)
    : warning(words, "raise maxmemory; if it is full, the limiter cannot count in Redis")
}

const memory: RedisCheck = {
  name: "redis memory",
  run: Effect.map(infoOf("memory"), (servers) =>
    worstOf(servers.map((field) => memoryFinding(Number(field("used_memory") ?? 0), Number(field("maxmemory") ?? 0))))
  )
}

const writing: RedisCheck = {
  name: "redis writing",
  run: Effect.gen(function* () {
    const { client } = yield* RedisNodes
    const outcome = yield* Effect.result(makeAdmissions(client, 0).tryCounting)
    return Result.isSuccess(outcome) ? ok("the limiter's script can write") : yield* failedBy(outcome.failure)
  })
}

export const redisChecks: ReadonlyArray<RedisCheck> = [version, eviction, memory, writing]
