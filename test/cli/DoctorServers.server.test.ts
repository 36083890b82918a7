import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Redis } from "ioredis"
import { readFileSync } from "node:fs"
import { doctorReport, failedChecks } from "../support/DoctorReport.ts"
import { redisCluster } from "../support/RedisCluster.ts"
import { portInUse } from "../support/PortInUse.ts"
import { throwawayRedis } from "../support/ThrowawayRedis.ts"

/** Commands of an administrator, one after the other. */
const administered = (url: string, ...commands: ReadonlyArray<readonly [string, ...ReadonlyArray<string>]>) =>
  Effect.promise(async () => {
    const client = new Redis(url, { replyMapping: "legacy" })
    for (const [command, ...args] of commands) await client.call(command, ...args)
    client.disconnect()
  })

describe("tbg doctor on Redis", () => {
  it.live("warns about an eviction policy that can evict any key, and about memory that is almost full", () =>
    Effect.gen(function* () {
      const redis = yield* throwawayRedis()
      yield* administered(
        redis.url,
        ["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"],
        ["CONFIG", "SET", "maxmemory", "100mb"]
      )
      const report = yield* doctorReport({ TBG_REDIS_URL: redis.url })
      assert.deepStrictEqual([report.code, failedChecks(report)], [0, []])
      assert.strictEqual(report.by.get("redis eviction")?.state, "warning")
      assert.include(report.by.get("redis eviction")?.mend, "maxmemory-policy volatile-ttl")
      assert.match(report.by.get("redis memory")?.what ?? "", /^\d+ MiB used of 100 MiB$/)
    })
  )

  it.live("fails for a replica, and names the fix", () =>
    Effect.gen(function* () {
      const redis = yield* throwawayRedis({ replicaOf: 1 })
      const report = yield* doctorReport({ TBG_REDIS_URL: redis.url })
      assert.deepStrictEqual([report.code, failedChecks(report)], [1, ["redis writing"]])
      const { mend, what } = report.by.get("redis writing") ?? {}
      assert.strictEqual(what, `Redis ${redis.host}:${redis.port} read_only: it accepts no writes`)
      assert.include(mend, "point TBG_REDIS_URL to the master")
    })
  )

  it.live("passes for the user that docs/limits.md describes", () =>
    Effect.gen(function* () {
      const redis = yield* throwawayRedis()
      const page = readFileSync(new URL("../../docs/limits.md", import.meta.url), "utf8")
      const [command = "", ...args] = /ACL SETUSER tbg .*/.exec(page)?.[0].split(" ") ?? []
      yield* administered(redis.url, [command, ...args])
      const report = yield* doctorReport({ TBG_REDIS_URL: `redis://tbg:PASSWORD@${redis.host}:${redis.port}` })
      const ofRedis = report.checks.filter(({ name }) => name.startsWith("redis"))
      assert.deepStrictEqual([report.code, ...ofRedis.map(({ state }) => state)], [0, "ok", "ok", "ok", "ok", "ok"])
    })
  )

  it.live("fails for a user who may not run the limiter's script", () =>
    Effect.gen(function* () {
      const redis = yield* throwawayRedis()
      yield* administered(redis.url, ["ACL", "SETUSER", "reader", "on", ">own", "~*", "+@all", "-@scripting"])
      const report = yield* doctorReport({ TBG_REDIS_URL: `redis://reader:own@${redis.host}:${redis.port}` })
      assert.include(
        report.by.get("redis writing")?.what,
        " denied: it rejected our credentials, or our user lacks rights"
      )
    })
  )

  it.live("checks every master of a cluster", () =>
    Effect.gen(function* () {
      const cluster = yield* redisCluster(2)
      const report = yield* doctorReport({ TBG_REDIS_URL: cluster.url })
      assert.deepStrictEqual(failedChecks(report), [])
      assert.deepStrictEqual(
        ["redis version", "redis eviction", "redis memory", "redis writing"].map((name) => report.by.get(name)?.state),
        ["ok", "ok", "ok", "ok"]
      )
    })
  )

  it.live("leaves no key behind", () =>
    Effect.gen(function* () {
      const redis = yield* throwawayRedis()
      yield* doctorReport({ TBG_REDIS_URL: redis.url })
      const client = new Redis(redis.url, { replyMapping: "legacy" })
      assert.strictEqual(yield* Effect.promise(() => client.dbsize()), 0)
      client.disconnect()
    })
  )
})

describe("tbg doctor on the host", () => {
  it.live("fails for a port in use, and warns about a proxy range that includes everyone and an unknown variable", () =>
    Effect.gen(function* () {
      const { port } = yield* portInUse
      const report = yield* doctorReport({
        TBG_HOST: "127.0.0.1",
        TBG_PORT: String(port),
        TBG_TRUSTED_PROXIES: "0.0.0.0/0",
        TBG_RATE_LIMITS: "1"
      })
      assert.deepStrictEqual([report.code, failedChecks(report)], [1, ["port"]])
      assert.match(report.by.get("port")?.what ?? "", /is in use by another program$/)
      assert.strictEqual(report.by.get("trusted proxies")?.state, "warning")
      assert.strictEqual(report.by.get("settings")?.state, "warning")
      assert.include(report.by.get("settings")?.what, "TBG_RATE_LIMITS")
    })
  )

  it.live("fails if the keys of the identity provider cannot be fetched", () =>
    Effect.gen(function* () {
      const report = yield* doctorReport({ TBG_AUTH_PROVIDER: "supabase", TBG_SUPABASE_URL: "https://127.0.0.1:1" })
      assert.deepStrictEqual([report.code, failedChecks(report)], [1, ["identity provider"]])
      assert.strictEqual(
        report.by.get("identity provider")?.what,
        "the keys of supabase cannot be fetched: unreachable"
      )
    })
  )
})
