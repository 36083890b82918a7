import { Context, Effect, Layer } from "effect"
import { Cluster } from "ioredis"
import { DependencyDown } from "../domain/Dependency.ts"
import type { Fault } from "../domain/Dependency.ts"
import { divideBudget } from "../domain/RateLimit.ts"
import type { SharedStore } from "../domain/RateLimit.ts"
import { AppConfig } from "./AppConfig.ts"
import { makeAdmissions } from "./redis/Admissions.ts"
import type { Admissions } from "./redis/Admissions.ts"
import { makeRedisClient } from "./redis/Client.ts"
import type { RedisClient } from "./redis/Client.ts"
import { faultOfRedisError, redisDown } from "./redis/Fault.ts"
import { makeTimed } from "./redis/RedisMetrics.ts"
import type { Timed } from "./redis/RedisMetrics.ts"

/**
 * Connection to Redis (one per node of a Cluster) that the whole process shares and that reconnects by itself. `layer`
 * neither fails nor waits, so the service starts and runs without Redis. With `TBG_REDIS_URL=embedded` there is no
 * server, and every probe succeeds.
 */
export class Redis extends Context.Service<
  Redis,
  {
    /** Counts in Redis like the limiter does. */
    readonly probe: Effect.Effect<void, DependencyDown>
    /** Shared store of the limiter; `undefined` without a server. */
    readonly admissions: SharedStore | undefined
  }
>()("tbg-api/layers/Redis") {
  static readonly layer = Layer.effect(
    Redis,
    Effect.gen(function* () {
      const { rateLimit, readiness, redis } = yield* AppConfig
      if (redis.target._tag === "Embedded") return { probe: Effect.void, admissions: undefined }
      const connection: Connection = { fault: undefined, isReplica: false, isReplaced: false }
      // Callers have their own deadlines; the client's must not be shorter.
      const timeoutMs = Math.max(readiness.timeoutMs, rateLimit.budgetMs)
      const client = makeRedisClient(redis.target, timeoutMs, () =>
        Object.assign(connection, { isReplica: true, isReplaced: true })
      )
      const timed = yield* makeTimed
      yield* logConnection(client, connection)
      const admissions = makeAdmissions(client, divideBudget(rateLimit.budgetMs).callMs * 1000, timed)
      yield* Effect.acquireRelease(
        // The outcome arrives as an event; the promise would only repeat it as an unhandled rejection.
        Effect.sync(() => void client.connect().catch(() => {})),
        () => Effect.sync(() => client.disconnect())
      )
      return { admissions, probe: probe(client, connection, roundTrip(client, admissions, timed)) }
    })
  )
}

interface Connection {
  fault: Fault | undefined
  isReplica: boolean
  /** Whether it was closed on purpose, to connect to another server. */
  isReplaced: boolean
}

const logConnection = Effect.fnUntraced(function* (client: RedisClient, connection: Connection) {
  const run = Effect.runForkWith(yield* Effect.context())
  let up: boolean | undefined
  client.on("ready", () => {
    connection.fault = undefined
    if (up !== true) run(Effect.logInfo("connected to Redis"))
    up = true
  })
  client.on("error", (error) => {
    connection.fault = faultOfRedisError(error)
  })
  client.on("close", () => {
    if (connection.isReplaced) {
      connection.isReplaced = false
      return
    }
    connection.isReplica = false
    connection.fault ??= "unreachable"
    if (up !== false) {
      run(Effect.annotateLogs(Effect.logWarning("Redis connection unavailable"), { fault: connection.fault }))
    }
    up = false
  })
  // A Cluster reports its own errors; those of its nodes would go to the console.
  if (client instanceof Cluster) client.on("+node", (node) => node.on("error", () => {}))
  yield* Effect.addFinalizer(() => Effect.sync(() => client.removeAllListeners("close")))
})

type Probe = Effect.Effect<void, DependencyDown>

const probe = (client: RedisClient, connection: Connection, roundTrip: Probe): Probe =>
  Effect.suspend(() => {
    if (client.status === "ready") {
      return Effect.mapError(
        Effect.tap(roundTrip, () => Effect.sync(() => void (connection.isReplica = false))),
        // Another command found the replica and closed this connection.
        (down) => (connection.isReplica ? new DependencyDown({ fault: "read_only" }) : down)
      )
    }
    if (connection.fault !== undefined) return Effect.fail(new DependencyDown({ fault: connection.fault }))
    return Effect.andThen(firstOutcome(client), probe(client, connection, roundTrip))
  })

/** On a Cluster every master must answer; a random one would give a different result each time. */
const roundTrip = (client: RedisClient, { tryCounting }: Admissions, timed: Timed): Probe =>
  client instanceof Cluster
    ? Effect.tryPromise({
        try: () => Promise.all(client.nodes("master").map((node) => timed("ping", () => node.ping()))),
        catch: redisDown
      })
    : tryCounting

/** Waits until the first connection attempt succeeds or fails. */
const firstOutcome = (client: RedisClient): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const settle = () => resume(Effect.void)
    client.once("ready", settle).once("close", settle)
    return Effect.sync(() => client.off("ready", settle).off("close", settle))
  })
