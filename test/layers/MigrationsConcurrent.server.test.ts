import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Ref, Schedule } from "effect"
import { WaitNotice } from "../../src/layers/migrations/Lock.ts"
import { existingDatabase } from "../support/Catalog.ts"
import { plainCatalog } from "../support/CatalogFixture.ts"
import { takeMigrationLock, whileLocked } from "../support/Locks.ts"
import { freshDatabase, testClient } from "../support/TestDatabase.ts"
import { migrationsWith, namesOf, onFreshDatabase, records, run } from "../support/TestMigrations.ts"

describe("a process that waits for the migration lock", () => {
  it.live("logs after a second that it waits, and reports the time at the timeout", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        const said = yield* Ref.make<ReadonlyArray<string>>([])
        const notice = (words: string) => Ref.update(said, (before) => [...before, words])
        const { up } = yield* migrationsWith({ maxWaitSeconds: 2 })
        const waiting = Effect.provideService(Effect.flip(up), WaitNotice, notice)
        const error = yield* whileLocked(takeMigrationLock, waiting)
        assert.deepStrictEqual(yield* Ref.get(said), ["another process is migrating; waiting up to 2 s"])
        assert.strictEqual(
          error.message,
          "migrations: another process has held the migration lock for 2 s; nothing was changed, try again later"
        )
      })
    )
  )

  it.live("reports a lost database if its session ends while it waits", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        const { up } = yield* migrationsWith()
        const ended = run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'advisory'").pipe(
          Effect.repeat({ until: (rows) => rows.length > 0, schedule: Schedule.spaced("20 millis") })
        )
        const both = Effect.all([Effect.flip(up), ended], { concurrency: "unbounded" })
        const [error] = yield* whileLocked(takeMigrationLock, both)
        assert.deepInclude(error, { _tag: "DependencyDown", fault: "unreachable" })
        assert.deepStrictEqual(namesOf(yield* up), ["0001_baseline"])
      })
    )
  )

  it.live("logs nothing if the lock is free", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        const { up } = yield* migrationsWith()
        const notice = () => Effect.die("said something")
        assert.deepStrictEqual(namesOf(yield* Effect.provideService(up, WaitNotice, notice)), ["0001_baseline"])
      })
    )
  )
})

describe("a rejected database", () => {
  it.effect("is rejected before the migration lock", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const { plan, up } = yield* migrationsWith({ maxWaitSeconds: 1 })
        const asked = Effect.all([Effect.flip(up), Effect.flip(plan)])
        const errors = yield* whileLocked(takeMigrationLock, asked)
        assert.deepStrictEqual(
          errors.map(({ _tag }) => _tag),
          ["BaselineRefused", "BaselineRefused"]
        )
      })
    )
  )
})

describe("recording the baseline", () => {
  it.effect("takes only a reader's lock on its tables", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        const { up } = yield* migrationsWith()
        const ran = yield* whileLocked("LOCK TABLE shares IN EXCLUSIVE MODE", up)
        assert.deepStrictEqual(namesOf(ran), ["0001_baseline"])
      })
    )
  )

  it.live("loses no concurrent write, with eight processes", () =>
    Effect.gen(function* () {
      const { url } = yield* freshDatabase
      const owner = testClient(url)
      yield* Effect.provide(existingDatabase(plainCatalog), owner)
      const client = Effect.provide(testClient(url), { local: true })
      const written = yield* Ref.make(0)
      const write = Effect.andThen(
        run("INSERT INTO shares (time, btc_address, difficulty, share_diff) VALUES (now(), 'bc1qwriter', 1, 1)"),
        Ref.update(written, (count) => count + 1)
      )
      const stop = yield* Deferred.make<void>()
      const isStopped = Effect.andThen(write, Deferred.isDone(stop))
      const writer = yield* Effect.forkChild(client(Effect.repeat(isStopped, { until: (done) => done })))
      const start = client(Effect.flatMap(migrationsWith(), ({ up }) => Effect.map(up, namesOf)))
      const ran = yield* Effect.all(
        Array.from({ length: 8 }, () => start),
        { concurrency: "unbounded" }
      )
      yield* Deferred.succeed(stop, undefined)
      yield* Fiber.join(writer)
      assert.deepStrictEqual(ran.flat(), ["0001_baseline"])
      const count = yield* Ref.get(written)
      const [row] = yield* client(run("SELECT count(*)::int AS count FROM shares WHERE btc_address = 'bc1qwriter'"))
      assert.deepStrictEqual(row, { count })
      assert.isAbove(count, 8)
      assert.deepStrictEqual(yield* client(records), [{ id: 1, name: "baseline" }])
    })
  )
})
