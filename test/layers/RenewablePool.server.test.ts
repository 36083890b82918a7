import { assert, describe, it } from "@effect/vitest"
import { PgConnection } from "@effect/sql-pg"
import { Deferred, Effect, Fiber, Redacted, Schedule } from "effect"
import { connect } from "node:net"
import { makeRenewablePool } from "../../src/layers/database/RenewablePool.ts"
import { makeSessionPool } from "../../src/layers/database/SessionPool.ts"
import { freshDatabase } from "../support/TestDatabase.ts"

const processId = ({ processId }: PgConnection.PgConnection) => processId

/** A pool of one session, which it leases until that is replaced. */
const poolOf = (url: Redacted.Redacted) =>
  makeRenewablePool({ url, maxConnections: 1, multiplex: true, multiplexConcurrency: 4 })

describe("a renewed pool", () => {
  it.live("leases a new session and then reuses it", () =>
    Effect.gen(function* () {
      const { get, renew } = yield* poolOf((yield* freshDatabase).url)
      const leased = Effect.scoped(Effect.map(get, processId))
      const first = yield* leased
      assert.strictEqual(yield* leased, first)
      yield* renew
      const second = yield* leased
      assert.notStrictEqual(second, first)
      assert.strictEqual(yield* leased, second)
    })
  )

  it.live("does not end a statement on an old session", () =>
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

  it.live("leases a new session to a caller that was waiting for an old one", () =>
    Effect.gen(function* () {
      const { url } = yield* freshDatabase
      const { hostname, port } = new URL(Redacted.value(url))
      const { figures, renew, reserve, share } = yield* makeSessionPool({
        url,
        stream: () => connect(Number(port), hostname),
        pooled: true,
        minConnections: 0,
        maxConnections: 2,
        acquireTimeoutMs: 20_000,
        maxWaiting: 1,
        answerLimitMs: undefined
      })
      const former = [yield* reserve, yield* reserve].map(({ session }) => session.processId)
      const caller = yield* Effect.forkChild(share(({ session }) => Effect.succeed(session.processId)))
      yield* Effect.repeat(Effect.sync(figures), {
        until: ({ waiting }) => waiting === 1,
        schedule: Schedule.spaced("5 millis")
      })
      yield* renew
      assert.notInclude(former, yield* Fiber.join(caller))
    })
  )
})
