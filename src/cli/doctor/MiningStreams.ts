import { Clock, Effect, Result } from "effect"
import { arrivalOf, shareStream } from "../../domain/mining/StreamEntry.ts"
import { DependencyDown } from "../../domain/Dependency.ts"
import { redisAdvice } from "../../layers/Advice.ts"
import { AppConfig, describeRedis } from "../../layers/AppConfig.ts"
import { redisDown } from "../../layers/redis/Fault.ts"
import { failed, ok, runChecks, skipped } from "./Check.ts"
import type { Check, Finding } from "./Check.ts"
import { RedisNodes } from "./RedisChecks.ts"

const name = "mining streams"

/** Judges a failed read of the streams. */
const streamsDown = (problem: string, fix: string, { fault }: DependencyDown): Finding =>
  fault === "denied"
    ? failed(
        `${problem}; the projection reads the keys mining:* with XRANGE and XREVRANGE`,
        "ACL SETUSER USER ~mining:* +xrange +xrevrange +ping +info, where USER is the one of TBG_MINING_REDIS_URL"
      )
    : failed(problem, fix.replace("TBG_REDIS_URL", "TBG_MINING_REDIS_URL"))

const isWrongType = (error: unknown): boolean => error instanceof Error && error.message.startsWith("WRONGTYPE")

/** Newest entry and number of entries of the stream of shares; `undefined` if the key is not a stream. */
const readStream = Effect.gen(function* () {
  const { client, connect } = yield* RedisNodes
  const fault = yield* connect
  if (fault !== undefined) return yield* new DependencyDown({ fault })
  return yield* Effect.tryPromise({
    try: async () => {
      const oldest = await client.xrange(shareStream, "-", "+", "COUNT", 1)
      return { oldest, newest: await client.xrevrange(shareStream, "+", "-", "COUNT", 1) }
    },
    catch: (error) => (isWrongType(error) ? "WrongType" : redisDown(error))
  })
})

const streams: Check<RedisNodes | AppConfig> = {
  name,
  run: Effect.gen(function* () {
    const { where } = yield* RedisNodes
    const { mining, redis } = yield* AppConfig
    const read = yield* Effect.result(readStream)
    if (Result.isFailure(read)) {
      if (read.failure === "WrongType") return failed(`${where}: the key ${shareStream} is not a stream`, null)
      if (read.failure.fault !== "denied" && describeRedis(mining.redis) === describeRedis(redis.target)) {
        return skipped("not checked: see the checks of redis")
      }
      const { fix, problem } = redisAdvice(mining.redis, read.failure)
      return streamsDown(problem, fix, read.failure)
    }
    const [newest] = read.success.newest
    if (newest === undefined) return ok(`${where}: readable; ${shareStream} is empty`)
    const seconds = Math.round((yield* Clock.currentTimeMillis) / 1000 - arrivalOf(newest[0]) / 1e6)
    return ok(`${where}: readable, the newest share arrived ${seconds} s ago`)
  })
}

/** Check of the streams that the projection reads. */
export const miningStreams = Effect.gen(function* () {
  const { mining } = yield* AppConfig
  if (!mining.projection) {
    return [{ name, ...skipped("TBG_PROJECTION is off; run tbg doctor beside tbg mining project") }]
  }
  if (mining.redis._tag === "Embedded") return [{ name, ...ok("embedded: events come from this process") }]
  return yield* Effect.provide(runChecks([streams]), RedisNodes.layer(mining.redis))
})
