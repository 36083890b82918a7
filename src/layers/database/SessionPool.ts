import type { PgConnection, PgPool } from "@effect/sql-pg"
import { Effect, Schema, Semaphore } from "effect"
import { identity } from "effect/Function"
import type { Scope } from "effect"
import { ConnectionError, SqlError } from "effect/sql/SqlError"
import type { Duplex } from "node:stream"
import type { PoolFigures } from "../../domain/Health.ts"
import { AcquireTimeout, asLost } from "./Fault.ts"
import { makeLeases } from "./Leases.ts"
import { makePooled, makeUnpooled } from "./Lender.ts"
import type { Lender } from "./Lender.ts"
import { makeSharedReads } from "./SharedReads.ts"
import { connectedSocket, destroyAll } from "./Sockets.ts"
import { makeWatch, StatementsAreTimed } from "./Watch.ts"
import { tryWriteOn } from "./WriteState.ts"

/** A session that belongs to one caller. */
export interface Reserved {
  readonly session: PgConnection.PgConnection
  /** Wraps each statement, so that the watch knows when an answer is due. */
  readonly during: <A, E, R>(statement: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

export interface SessionPool {
  /**
   * Lends a session to one caller until the scope closes. For transactions and slow statements, because nothing queues
   * behind them, and for writes, because commits overlap only on separate sessions.
   */
  readonly reserve: Effect.Effect<Reserved, SqlError, Scope.Scope>
  /** Lends a session to a short read, which may share it with others; see `makeSharedReads`. */
  readonly share: <A, E, R>(
    f: (session: PgConnection.PgConnection) => Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E | SqlError, R>
  /** One round trip on a session outside the pool, so that a busy pool does not look like a frozen server. */
  readonly ping: Effect.Effect<void, SqlError>
  /** Writes on a session outside the pool, and rolls back. */
  readonly tryWrite: Effect.Effect<unknown, SqlError>
  /** From now on, lends only sessions that are opened after this. */
  readonly renew: Effect.Effect<void>
  readonly figures: () => PoolFigures
}

export interface SessionPoolOptions extends PgConnection.Config {
  /** `false` opens a session for each use, for serverless. */
  readonly pooled: boolean
  readonly maxConnections: number
  readonly minConnections: number
  /** Maximum wait for a session, in milliseconds. */
  readonly acquireTimeoutMs: number
  /** Maximum number of callers waiting for a session; one more fails at once. */
  readonly maxWaiting: number
  /** How long a session may be silent while an answer is due, in milliseconds. */
  readonly silenceLimitMs: number
}

/** Sessions that writes and transactions leave to short reads, if the pool has at least four. */
const sessionsForReads = (maxConnections: number): number => (maxConnections < 4 ? 0 : 1)

/** How long the server has to end a session when the pool closes. */
const closeLimit = "1 second"
/** How long a round trip outside the pool may take before its connection counts as lost. */
const pingLimit = "1 second"

/** Every role may read the state of its own sessions. */
const backends = `SELECT pid, state LIKE 'idle%' AS "isIdle" FROM pg_catalog.pg_stat_activity
  WHERE pid = ANY($1::int[]) AND state IS NOT NULL`
const decodeBackends = Schema.decodeUnknownSync(
  Schema.Array(Schema.Struct({ pid: Schema.Int, isIdle: Schema.Boolean }))
)

/**
 * Sessions with one Postgres: the driver's pool (or none), exclusive and shared leases, a bound on waiting, and figures.
 *
 * The sockets are opened here because the driver's pool does not publish how many sessions are open.
 */
export const makeSessionPool = Effect.fnUntraced(function* (options: SessionPoolOptions) {
  const open = new Set<Duplex>()
  const sockets = new Set<Duplex>()
  const openFor = (set: Set<Duplex>) => (): Duplex => {
    const socket = connectedSocket(options)
    open.add(socket)
    // A socket is a session from the server's first byte on, so connection attempts and cancel requests do not count.
    socket.once("data", () => set.add(socket))
    socket.once("close", () => open.delete(socket) && set.delete(socket))
    return socket
  }
  const lenderOf = (stream: () => Duplex, config: PgPool.Config & { readonly maxConnections: number }) =>
    options.pooled
      ? makePooled({ ...options, ...config, stream })
      : Effect.succeed(makeUnpooled({ ...options, ...config, stream }))
  // A session has one lease; the short reads that share it are pipelined.
  const lender = yield* lenderOf(openFor(sockets), {
    maxConnections: options.maxConnections,
    multiplex: options.pooled,
    multiplexConcurrency: 1
  })
  const pings = new Set<Duplex>()
  const pinger = yield* lenderOf(openFor(pings), { minConnections: 0, maxConnections: 1 })
  // A frozen server would delay closing sessions and exiting the process.
  yield* Effect.addFinalizer(() => Effect.forkDetach(Effect.delay(destroyAll(open), closeLimit)))

  const leases = yield* makeLeases(options.maxConnections, () => sockets.size)

  const giveUpPing = Effect.andThen(Effect.delay(destroyAll(pings), pingLimit), Effect.never)
  const query = (sql: string, params: ReadonlyArray<unknown> = []) =>
    pinger.use((session) => Effect.raceFirst(session.query(sql, params), giveUpPing))
  const watch = yield* makeWatch({
    limitMs: options.silenceLimitMs,
    // The connection that asks may be lost too; the pool replaces it.
    backends: (pids) =>
      Effect.map(Effect.retry(query(backends, [pids]), { times: 1 }), ({ rows }) => decodeBackends(rows))
  })

  const timedOut = Effect.fail(
    new SqlError({
      reason: new ConnectionError({
        cause: new AcquireTimeout(`no session became free within ${options.acquireTimeoutMs} ms`),
        message: "Timed out waiting for a database session",
        operation: "acquire"
      })
    })
  )
  const inTime = <A, R>(effect: Effect.Effect<A, SqlError, R>) =>
    Effect.timeoutOrElse(effect, { duration: options.acquireTimeoutMs, orElse: () => timedOut })

  /** Waits for a session, with limits on the time and on the number of waiters. */
  const acquire = (lend: Lender["get"]) =>
    Effect.suspend(() => {
      if (leases.figures().waiting >= options.maxWaiting) return timedOut
      const since = leases.wait()
      let session: PgConnection.PgConnection | undefined
      return Effect.andThen(
        Effect.addFinalizer(() => Effect.sync(() => leases.leave(session, since))),
        Effect.tap(inTime(lend), (acquired) => Effect.sync(() => leases.enter((session = acquired), since)))
      )
    })

  const watched = <A, E, R>(session: PgConnection.PgConnection, statement: Effect.Effect<A, E, R>) =>
    Effect.suspend(() => {
      const begun = watch.begin(session)
      return Effect.onExitPrimitive(statement, (exit) => {
        watch.end(begun, exit)
        return undefined
      })
    })

  const exclusive = Semaphore.makeUnsafe(options.maxConnections - sessionsForReads(options.maxConnections))
  const reserve = Effect.gen(function* () {
    const session = yield* acquire(Effect.andThen(exclusive.takeScoped(1), lender.get))
    // A short read that gave up may have left a statement on the session.
    const pinned = yield* inTime(Effect.mapError(session.pin, asLost))
    const isTimed = yield* StatementsAreTimed
    return {
      session: pinned,
      during: isTimed ? (statement) => watched(session, statement) : identity
    } satisfies Reserved
  })

  const reads = makeSharedReads({
    acquire: acquire(lender.get),
    hasFreeSession: () => leases.taken() < options.maxConnections,
    maxSessions: Math.floor(options.maxConnections / 2),
    joined: leases.joined
  })
  /** In a pool of one session, reads that share it without a pause would keep it from everyone else. */
  const isShared = options.pooled && options.maxConnections > 1
  const share: SessionPool["share"] = (f) => {
    const read = (session: PgConnection.PgConnection) => watched(session, f(session))
    return isShared ? reads.run(read) : Effect.scoped(Effect.flatMap(acquire(lender.get), read))
  }

  return {
    reserve,
    share,
    ping: Effect.asVoid(query("SELECT 1")),
    tryWrite: tryWriteOn({ ...options, stream: openFor(new Set()) }),
    renew: Effect.all([lender.renew, pinger.renew, reads.renew], { discard: true }),
    figures: leases.figures
  } satisfies SessionPool
})
