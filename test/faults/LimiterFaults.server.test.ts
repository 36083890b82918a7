import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import type { Scope } from "effect"
import type { Decision, Policy } from "../../src/domain/RateLimit.ts"
import { RateLimiter } from "../../src/services/RateLimiter.ts"
import { limiterOverRedis } from "../support/LimiterOverRedis.ts"
import { faultsOfRedis } from "../support/RedisFault.ts"
import type { RedisFault } from "../support/RedisFault.ts"
import { tcpProxy } from "../support/TcpProxy.ts"
import { throwawayRedis } from "../support/ThrowawayRedis.ts"
import { capturedLogger } from "../support/MockLayers.ts"

const policy: Policy = { name: "ip", limit: 20, windowMicros: 60_000_000 }
const replicas = 3
/** A third of 20, rounded up. */
const share = 7
const budgetMs = 50
/** Margin for two busy cores. */
const allowanceMs = 25

const opened = "Redis unavailable; rate limits fall back to in-process counters"
const closed = "Redis available; rate limits are counted there again"

/** A Redis behind a proxy, and the log lines of a limiter over it. */
const arranged = Effect.gen(function* () {
  const redis = yield* throwawayRedis()
  const proxy = yield* tcpProxy(redis.port)
  const lines: Array<string> = []
  const logger = capturedLogger((line) => {
    const message = /"message":"([^"]*rate limits [^"]+)"/.exec(line)?.[1]
    if (message !== undefined) lines.push(message)
  })
  const limiter = limiterOverRedis({
    TBG_REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
    TBG_RATE_LIMIT_BUDGET_MS: String(budgetMs),
    TBG_REPLICAS: String(replicas)
  })
  return { redis, proxy, lines, limited: Effect.provide(limiter), logged: Effect.provide(logger) }
})

/** Runs a test on a limiter over a Redis that fails by `fault` between `begin` and `end`. */
const under = <A, E>(
  fault: RedisFault,
  test: (at: {
    readonly begin: Effect.Effect<void>
    readonly end: Effect.Effect<unknown, unknown, Scope.Scope>
    readonly lines: ReadonlyArray<string>
  }) => Effect.Effect<A, E, RateLimiter | Scope.Scope>
) =>
  Effect.gen(function* () {
    const { limited, lines, logged, proxy, redis } = yield* arranged
    const at = { begin: fault.begin(redis, proxy), end: fault.end(redis, proxy), lines }
    return yield* test(at).pipe(limited, logged)
  })

const check = (key: string) => Effect.flatMap(RateLimiter, (limiter) => limiter.check(policy, key))
const look = (key: string) => Effect.flatMap(RateLimiter, (limiter) => limiter.peek(policy, key))

const timed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const begun = performance.now()
    return Effect.map(effect, (value) => ({ value, elapsedMs: performance.now() - begun }))
  })

/** Two hundred checks, ten at a time. */
const waves = (keyOf: (index: number) => string) =>
  Effect.forEach(
    Array.from({ length: 200 }, (_, index) => index),
    (index) => timed(check(keyOf(index))),
    { concurrency: 10 }
  )

/** Twenty checks a millisecond apart, so that many are in flight when the first times out. */
const scattered = Effect.forEach(
  Array.from({ length: 20 }, (_, index) => index),
  (index) => Effect.delay(check("caller"), index),
  { concurrency: "unbounded" }
)

const allowedIn = (checks: ReadonlyArray<{ readonly value: Decision }>): number =>
  checks.filter(({ value }) => value.allowed).length

/** Waits until the limiter counts in Redis again; spends nothing. */
const recovered = look("other").pipe(
  Effect.repeat({ schedule: Schedule.spaced("10 millis"), until: ({ store }) => store === "redis" }),
  Effect.timeout("10 seconds")
)

/** Another fiber writes the line. */
const written = (lines: ReadonlyArray<string>) =>
  Effect.sync(() => lines.length).pipe(
    Effect.repeat({ schedule: Schedule.spaced("1 millis"), until: (count) => count > 0 }),
    Effect.timeout("5 seconds")
  )

describe.each(faultsOfRedis(2 * budgetMs))("the limiter while Redis is $name", (fault) => {
  it.live("waits no longer than its budget", () =>
    under(fault, ({ begin }) =>
      Effect.gen(function* () {
        yield* check("caller")
        yield* begin
        const elapsed = (yield* waves((index) => `caller ${index}`)).map(({ elapsedMs }) => elapsedMs)
        const [, , p99 = Number.NaN] = elapsed.toSorted((one, other) => other - one)
        assert.isAtMost(p99, budgetMs + allowanceMs)
      })
    )
  )

  it.live("admits its share of the limit", () =>
    under(fault, ({ begin }) =>
      Effect.gen(function* () {
        yield* check("caller")
        yield* begin
        const checks = yield* waves(() => "caller")
        assert.isTrue(checks.every(({ value }) => value.store === "memory"))
        assert.strictEqual(allowedIn(checks), share)
      })
    )
  )

  it.live("logs the failure and the recovery once each", () =>
    under(fault, ({ begin, end, lines }) =>
      Effect.gen(function* () {
        yield* check("caller")
        yield* begin
        yield* scattered
        yield* waves(() => "caller")
        yield* written(lines)
        assert.deepStrictEqual(lines, [opened])
        yield* end
        const { elapsedMs } = yield* timed(recovered)
        assert.isBelow(elapsedMs, 2000)
        assert.deepStrictEqual(lines, [opened, closed])
        assert.strictEqual((yield* check("caller")).store, "redis")
      })
    )
  )

  it.live("does not count its own admissions in Redis later", () =>
    under(fault, ({ begin, end }) =>
      Effect.gen(function* () {
        yield* check("caller")
        yield* check("caller")
        yield* begin
        yield* check("caller")
        yield* waves(() => "other")
        yield* end
        yield* recovered
        assert.strictEqual((yield* look("caller")).remaining, policy.limit - fault.spent)
      })
    )
  )
})

describe("the limiter", () => {
  it.live("does not count its first check in Redis later", () =>
    Effect.gen(function* () {
      const { limited, logged, redis } = yield* arranged
      yield* Effect.gen(function* () {
        yield* redis.signal("SIGSTOP")
        assert.strictEqual(allowedIn(yield* waves(() => "caller")), share)
        yield* redis.signal("SIGCONT")
        yield* recovered
        assert.strictEqual((yield* look("caller")).remaining, policy.limit)
      }).pipe(limited, logged)
    })
  )

  it.live("tolerates one late answer without a log line", () =>
    Effect.gen(function* () {
      const { limited, lines, logged, proxy } = yield* arranged
      yield* Effect.gen(function* () {
        yield* proxy.blackhole
        assert.strictEqual((yield* check("caller")).store, "memory")
        yield* proxy.normal
        assert.strictEqual((yield* check("caller")).store, "redis")
        assert.deepStrictEqual(lines, [])
      }).pipe(limited, logged)
    })
  )

  it.live("does not delay reads once Redis has timed out", () =>
    Effect.gen(function* () {
      const { limited, logged, redis } = yield* arranged
      yield* Effect.gen(function* () {
        yield* redis.signal("SIGSTOP")
        yield* Effect.repeat(look("caller"), { times: 2 })
        const { elapsedMs } = yield* timed(look("caller"))
        assert.isBelow(elapsedMs, budgetMs / 2)
      }).pipe(limited, logged)
    })
  )
})
