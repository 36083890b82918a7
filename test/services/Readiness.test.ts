import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { DependencyDown } from "../../src/domain/Dependency.ts"
import type { Fault } from "../../src/domain/Dependency.ts"
import { Readiness } from "../../src/services/Readiness.ts"

const down = (fault: Fault) => Effect.fail(new DependencyDown({ fault }))
const options = { database: Effect.void, redis: Effect.void, requiresRedis: false, timeoutMs: 1000 }

const report = Effect.flatMap(Readiness, (readiness) => readiness.report)

describe("readiness", () => {
  it.effect("is ready if both servers answer", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* report, {
        ready: true,
        status: "ready",
        checks: { database: "ok", redis: "ok" }
      })
    }).pipe(Effect.provide(Readiness.layer(options)))
  )

  it.effect("is degraded and not ready without Postgres", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* report, {
        ready: false,
        status: "degraded",
        checks: { database: "error: unreachable", redis: "ok" }
      })
    }).pipe(Effect.provide(Readiness.layer({ ...options, database: down("unreachable") })))
  )

  it.effect("is degraded but ready without Redis", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* report, {
        ready: true,
        status: "degraded",
        checks: { database: "ok", redis: "error: timeout" }
      })
    }).pipe(Effect.provide(Readiness.layer({ ...options, redis: down("timeout") })))
  )

  it.effect("is not ready without a required Redis", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* report, {
        ready: false,
        status: "degraded",
        checks: { database: "ok", redis: "error: denied" }
      })
    }).pipe(Effect.provide(Readiness.layer({ ...options, redis: down("denied"), requiresRedis: true })))
  )

  it.effect.each(["read_only", "full"] as const)("is degraded but ready while Postgres is %s", (fault) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* report, {
        ready: true,
        status: "degraded",
        checks: { database: `error: ${fault}`, redis: "ok" }
      })
    }).pipe(Effect.provide(Readiness.layer({ ...options, database: down(fault) })))
  )

  it.effect("is draining from the start of the shutdown, with the current checks", () =>
    Effect.gen(function* () {
      const readiness = yield* Readiness
      yield* readiness.drain
      assert.deepStrictEqual(yield* readiness.report, {
        ready: false,
        status: "draining",
        checks: { database: "ok", redis: "error: unreachable" }
      })
    }).pipe(Effect.provide(Readiness.layer({ ...options, redis: down("unreachable") })))
  )
})
