import { Context, Duration, Effect, Layer } from "effect"
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
import { failed, failedBy, latencyFinding, ok, skipped, warning } from "./Check.ts"
import type { Checks, Finding } from "./Check.ts"

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
          )
        }
      })
    )
}

/** Asks the server, or each master of a cluster. */
const askNodes = <A>(ask: (node: Redis) => Promise<A>) =>
  Effect.flatMap(RedisNodes, ({ client }) => {
    const nodes = client instanceof Cluster ? client.nodes("master") : [client]
    return Effect.tryPromise({ try: () => Promise.all(nodes.map(ask)), catch: redisDown })
  })

export const redisConnection = Effect.gen(function* () {
  const { connect, where } = yield* RedisNodes
  const { readiness, redis } = yield* AppConfig
  const fault = yield* connect
  if (fault === undefined) {
    const [took] = yield* Effect.timed(askNodes((node) => node.ping()))
    return latencyFinding(where, Duration.toMillis(took))
  }
  const { fix, problem } = redisAdvice(redis.target, new DependencyDown({ fault }))
  const consequence = readiness.requiresRedis ? "the service is not ready" : "each process counts rate limits by itself"
  return failed(`${problem}; ${consequence}`, fix)
})

/** Runs `check` on a section of INFO of each server. Returns the first finding that is not ok, otherwise the first. */
const checkInfo = (section: string, check: (field: (name: string) => string | undefined) => Finding) =>
  Effect.map(
    askNodes((node) => node.info(section)),
    (texts) => {
      const findings = texts.map((text) => check((name) => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(text)?.[1]))
      return findings.find(({ state }) => state !== "ok") ?? findings[0] ?? skipped("the cluster reports no master")
    }
  )

const version = checkInfo("server", (field) => {
  const version = field("redis_version")
  if (version === undefined) return skipped("the server does not report it")
  return Number.parseInt(version, 10) >= 5
    ? ok(version)
    : failed(`${version} is too old`, "upgrade to Redis 5 or later")
})

export const evictionFinding = (policy: string | undefined): Finding => {
  if (policy === undefined) return skipped("the server does not report it")
  if (policy === "noeviction" || policy.startsWith("volatile-")) return ok(policy)
  return warning(
    `${policy}: if memory is short, rate-limit counts may be evicted before keys that never expire`,
    "CONFIG SET maxmemory-policy volatile-ttl, or noeviction"
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

const writing = Effect.gen(function* () {
  const { client } = yield* RedisNodes
  const { redis } = yield* AppConfig
  return yield* Effect.match(makeAdmissions(client, 0).tryCounting, {
    onSuccess: () => ok("the limiter's script can write"),
    onFailure: (down) => failedBy(redisAdvice(redis.target, down))
  })
})

export const redisChecks: Checks<RedisNodes | AppConfig> = {
  "redis version": version,
  "redis eviction": checkInfo("memory", (field) => evictionFinding(field("maxmemory_policy"))),
  "redis memory": checkInfo("memory", (field) =>
    memoryFinding(Number(field("used_memory") ?? 0), Number(field("maxmemory") ?? 0))
  ),
  "redis writing": writing
}
