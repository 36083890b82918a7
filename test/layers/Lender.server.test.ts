import { assert, describe, it } from "@effect/vitest"
import { PgConnection } from "@effect/sql-pg"
import { Deferred, Effect, Fiber } from "effect"
import type { Redacted } from "effect"
import { makeLender } from "../../src/layers/database/Lender.ts"
import { freshDatabase } from "../support/TestDatabase.ts"

const processId = ({ processId }: PgConnection.PgConnection) => processId

/** A pool of one session, so that it lends the same one until that is replaced. */
const poolOf = (url: Redacted.Redacted) =>
  makeLender({ url, maxConnections: 1, multiplex: true, multiplexConcurrency: 4 })

describe("a pool that is renewed", () => {
  it.live("lends a new session and then reuses it", () =>
    Effect.gen(function* () {
      const { get, renew } = yield* poolOf((yield* freshDatabase).url)
      const lent = Effect.scoped(Effect.map(get, processId))
      const first = yield* lent
      assert.strictEqual(yield* lent, first)
      yield* renew
      const second = yield* lent
      assert.notStrictEqual(second, first)
      assert.strictEqual(yield* lent, second)
    })
  )

  it.live("does not end a statement that is running on an old session", () =>
    Effect.gen(function* () {
      const { url } = yield* freshDatabase
      const other = yield* PgConnection.make({ url })
      const { get, renew } = yield* poolOf(url)
      const use = <A, E, R>(f: (session: PgConnection.PgConnection) => Effect.Effect<A, E, R>) =>
        Effect.scoped(Effect.flatMap(get, f))
      const started = yield* Deferred.make<void>()
      yield* other.query("SELECT pg_advisory_lock(1)")
      const waiting = "SELECT pg_advisory_xact_lock(1), 42 AS answer"
      const running = yield* Effect.forkChild(
        use((session) => Effect.andThen(Deferred.succeed(started, undefined), session.query(waiting)))
      )
      yield* Deferred.await(started)
      yield* renew
      yield* use((session) => session.query("SELECT 1")).pipe(Effect.forkChild)
      yield* other.query("SELECT pg_advisory_unlock(1)")
      assert.strictEqual((yield* Fiber.join(running)).rows[0]?.["answer"], 42)
    })
  )
})
