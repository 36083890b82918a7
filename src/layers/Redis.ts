import { Context, Effect, Layer } from "effect"
import { Cluster } from "ioredis"
import { DependencyDown } from "../domain/Dependency.ts"
import type { Fault } from "../domain/Dependency.ts"
import { divideBudget } from "../domain/RateLimit.ts"
import type { SharedStore } from "../domain/RateLimit.ts"
import { AppConfig } from "./AppConfig.ts"
import { makeAdmissions } from "./redis/Admissions.ts"
import { faultOfRedisError, makeRedisClient, redisDown } from "./redis/Client.ts"
import type { RedisClient } from "./redis/Client.ts"
import { makeTimed } from "./redis/Metrics.ts"
import type { Timed } from "./redis/Metrics.ts"

/**
 * Redis: one connection (one a node in a Cluster) that the whole process shares and that reconnects by itself.
 *
 * `layer` never fails and never waits: the service starts, and goes on, without Redis. With `TBG_REDIS_URL=embedded`
 * there is no server and every probe succeeds.
 */
export class Redis extends Context.Service<
  Redis,
  {
    /** One round trip to the server, or the reason why there is no connection. */
    readonly probe: Effect.Effect<void, DependencyDown>
    /** Where the limiter counts for all replicas; `undefined` without a server. */
    readonly admissions: SharedStore | undefined
  }
>()("tbg-api/layers/Redis") {
  static readonly layer = Layer.effect(
    Redis,
    Effect.gen(function* () {
      const { rateLimit, readiness, redis } = yield* AppConfig
      if (redis.target._tag === "Embedded") return { probe: Effect.void, admissions: undefined }
      // Whoever asks has a deadline of its own; the client's only has to be no shorter.
      const client = makeRedisClient(redis.target, Math.max(readiness.timeoutMs, rateLimit.budgetMs))
      const timed = yield* makeTimed
      const connection = yield* watch(client)
      yield* Effect.acquireRelease(
        // The outcome arrives as an event; the promise would only repeat it as an unhandled rejection.
        Effect.sync(() => void client.connect().catch(() => {})),
        () => Effect.sync(() => client.disconnect())
      )
      return {
        probe: probe(client, connection, timed),
        admissions: makeAdmissions(client, divideBudget(rateLimit.budgetMs).callMs * 1000, timed)
      }
    })
  )

  /** A Redis that answers probes with `outcome`. */
  static readonly layerTest = (outcome: Effect.Effect<void, DependencyDown> = Effect.void) =>
    Layer.succeed(Redis, { probe: outcome, admissions: undefined })
}

/** What is known of the connection: `fault` is the reason why there is none, once an attempt has failed. */
interface Connection {
  fault: Fault | undefined
}

/** Follows the connection's events, and logs when it is there and when it is lost: one line a change. */
const watch = Effect.fnUntraced(function* (client: RedisClient) {
  const run = Effect.runForkWith(yield* Effect.context())
  const connection: Connection = { fault: undefined }
  let up: boolean | undefined
  client.on("ready", () => {
    connection.fault = undefined
    if (up !== true) run(Effect.logInfo("redis connected"))
    up = true
  })
  client.on("error", (error) => {
    connection.fault = faultOfRedisError(error)
  })
  client.on("close", () => {
    connection.fault ??= "unreachable"
    if (up !== false) run(Effect.annotateLogs(Effect.logWarning("redis lost"), { fault: connection.fault }))
    up = false
  })
  // A Cluster tells its faults itself; those of its nodes would go to the console.
  if (client instanceof Cluster) client.on("+node", (node) => node.on("error", () => {}))
  yield* Effect.addFinalizer(() => Effect.sync(() => client.removeAllListeners("close")))
  return connection
})

const probe = (client: RedisClient, connection: Connection, timed: Timed): Effect.Effect<void, DependencyDown> =>
  Effect.suspend(() => {
    if (client.status === "ready") return ping(client, timed)
    if (connection.fault !== undefined) return Effect.fail(new DependencyDown({ fault: connection.fault }))
    return Effect.andThen(firstOutcome(client), probe(client, connection, timed))
  })

/** Of a Cluster every master has to answer: to ask one at random would say this and that in turn. */
const ping = (client: RedisClient, timed: Timed): Effect.Effect<void, DependencyDown> => {
  const nodes = () => (client instanceof Cluster ? client.nodes("master") : [client])
  return Effect.tryPromise({
    try: () => Promise.all(nodes().map((node) => timed("ping", () => node.ping()))),
    catch: redisDown
  })
}

/** Ends when the first attempt to connect does, either way. */
const firstOutcome = (client: RedisClient): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const settle = () => resume(Effect.void)
    client.once("ready", settle).once("close", settle)
    return Effect.sync(() => client.off("ready", settle).off("close", settle))
  })
