import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Ref, Schedule } from "effect"
import { WaitNotice } from "../../src/layers/migrations/Lock.ts"
import { existingDatabase } from "../support/Catalog.ts"
import { plainCatalog } from "../support/CatalogFixture.ts"
import { takeMigrationLock, whileHeld } from "../support/Held.ts"
import { freshDatabase, testClient } from "../support/TestDatabase.ts"
import { migrationsWith, namesOf, onFreshDatabase, records, run } from "../support/TestMigrations.ts"

describe("a process that finds the schema being changed by another", () => {
  it.live("says after a second that it waits, and then how long it has waited in vain", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        const said = yield* Ref.make<ReadonlyArray<string>>([])
        const notice = (words: string) => Ref.update(said, (before) => [...before, words])
        const { up } = yield* migrationsWith({ maxWaitSeconds: 2 })
        const waiting = Effect.provideService(Effect.flip(up), WaitNotice, notice)
        const error = yield* whileHeld(takeMigrationLock, waiting)
        assert.deepStrictEqual(yield* Ref.get(said), ["another process is migrating; waiting up to 2 s"])
        assert.strictEqual(
          error.message,
          "migrations: another process has held the migration lock for 2 s; nothing was changed, try again later"
        )
      })
    )
  )

  it.live("has lost the database, and nothing else, when its session ends meanwhile", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        const { up } = yield* migrationsWith()
        const ended = run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'advisory'").pipe(
          Effect.repeat({ until: (rows) => rows.length > 0, schedule: Schedule.spaced("20 millis") })
        )
        const both = Effect.all([Effect.flip(up), ended], { concurrency: "unbounded" })
        const [error] = yield* whileHeld(takeMigrationLock, both)
        assert.deepInclude(error, { _tag: "DependencyDown", fault: "unreachable" })
        assert.deepStrictEqual(namesOf(yield* up), ["0001_baseline"])
      })
    )
  )

  it.live("says nothing when it need not wait", () =>
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

describe("a database that is refused", () => {
  it.effect("is refused before anyone is waited for", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const { plan, up } = yield* migrationsWith({ maxWaitSeconds: 1 })
        const asked = Effect.all([Effect.flip(up), Effect.flip(plan)])
        const errors = yield* whileHeld(takeMigrationLock, asked)
        assert.deepStrictEqual(
          errors.map(({ _tag }) => _tag),
          ["BaselineRefused", "BaselineRefused"]
        )
      })
    )
  )
})

describe("recording the baseline", () => {
  it.effect("takes no lock on its tables but a reader's", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        const { up } = yield* migrationsWith()
        const ran = yield* whileHeld("LOCK TABLE shares IN EXCLUSIVE MODE", up)
        assert.deepStrictEqual(namesOf(ran), ["0001_baseline"])
      })
    )
  )

  it.live("by eight processes at once neither loses a share of a writer nor holds it up", () =>
    Effect.gen(function* () {
      const { url } = yield* freshDatabase
      const owner = testClient(url)
      yield* Effect.provide(existingDatabase(plainCatalog), owner)
      const client = Effect.provide(testClient(url), { local: true })
      const waits = yield* Ref.make<ReadonlyArray<number>>([])
      const write = Effect.gen(function* () {
        const begun = performance.now()
        yield* run("INSERT INTO shares (time, btc_address, difficulty, share_diff) VALUES (now(), 'bc1qwriter', 1, 1)")
        const wait = performance.now() - begun
        yield* Ref.update(waits, (before) => [...before, wait])
      })
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
      const written = yield* Ref.get(waits)
      const [row] = yield* client(run("SELECT count(*)::int AS count FROM shares WHERE btc_address = 'bc1qwriter'"))
      assert.deepStrictEqual(row, { count: written.length })
      assert.isAbove(written.length, 8)
      assert.isBelow(Math.max(...written), 5000)
      assert.deepStrictEqual(yield* client(records), [{ id: 1, name: "baseline" }])
    })
  )
})
