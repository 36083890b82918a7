import { PgConnection, PgPool } from "@effect/sql-pg"
import { Effect, Schema, Semaphore } from "effect"
import type { Scope } from "effect"
import { ConnectionError, isSqlError, SqlError } from "effect/sql/SqlError"
import type { Duplex } from "node:stream"
import type { PoolFigures } from "../../domain/Health.ts"
import { AcquireTimeout, asLost } from "./Fault.ts"
import { makeLeases } from "./Leases.ts"
import { connectedSocket, destroyAll } from "./Sockets.ts"
import { makeWatch } from "./Watch.ts"
import type { Session } from "./Watch.ts"

/** A session of one caller. */
export interface Reserved {
  readonly session: PgConnection.PgConnection
  /** Goes round each statement, as the pool has to know when an answer is due. */
  readonly during: <A, E, R>(statement: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

export interface SessionPool {
  /** Lends a session to one effect. */
  readonly use: <A, E, R>(
    f: (session: PgConnection.PgConnection) => Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E | SqlError, R>
  /** Lends a session, which others may share, until the scope closes. */
  readonly get: Effect.Effect<PgConnection.PgConnection, SqlError, Scope.Scope>
  /** Lends a session that nobody else gets until the scope closes, as transactions need it. */
  readonly reserve: Effect.Effect<Reserved, SqlError, Scope.Scope>
  /**
   * One round trip, on a session of its own: behind another caller's slow statement a healthy server would look frozen.
   */
  readonly ask: Effect.Effect<void, SqlError>
  readonly figures: () => PoolFigures
}

export interface SessionPoolOptions extends PgPool.Config {
  /** `false` opens a session a checkout, for serverless. */
  readonly pooled: boolean
  readonly maxConnections: number
  readonly multiplexConcurrency: number
  /** How long a caller waits for a session, in milliseconds; the driver's own pool waits for ever. */
  readonly acquireTimeoutMs: number
  /** How many callers may wait for a session; one more fails at once. */
  readonly maxWaiting: number
  /** How long a session may be silent while an answer is due, in milliseconds. */
  readonly silenceLimitMs: number
}

/** How long the server has to end a session when the pool closes. */
const closeLimit = "1 second"
/** How long one round trip may take before its connection counts as lost. */
const askLimit = "1 second"

/** What a driver's pool of either kind offers. */
type Lender = Pick<SessionPool, "use" | "get">

/** A role is told the state of its own sessions. */
const backends = `SELECT pid, state LIKE 'idle%' AS "isIdle" FROM pg_stat_activity
  WHERE pid = ANY($1::int[]) AND state IS NOT NULL`
const decodeBackends = Schema.decodeUnknownSync(
  Schema.Array(Schema.Struct({ pid: Schema.Int, isIdle: Schema.Boolean }))
)

/** A session for each checkout, with no more of them at once than `maxConnections`. */
const makeUnpooled = (options: SessionPoolOptions): Lender => {
  const permits = Semaphore.makeUnsafe(options.maxConnections)
  const get = Effect.andThen(permits.takeScoped(1), PgConnection.make(options))
  return { get, use: (f) => Effect.scoped(Effect.flatMap(get, f)) }
}

/** The server may say only at a checkout that it takes no session, as it does while it stops and starts. */
const knownAsLost = (lender: Lender): Lender => ({
  get: Effect.mapError(lender.get, asLost),
  use: (f) => Effect.mapError(lender.use(f), (error) => (isSqlError(error) ? asLost(error) : error))
})

/**
 * Sessions with one Postgres, counted: the driver's pool (or none), a bound on the wait for a session, and figures.
 *
 * The sockets are opened here, because that is the one place from which the driver lets its sessions be counted.
 */
export const makeSessionPool = Effect.fnUntraced(function* (options: SessionPoolOptions) {
  const open = new Set<Duplex>()
  const sockets = new Set<Duplex>()
  const openFor = (set: Set<Duplex>) => (): Duplex => {
    const socket = connectedSocket(options)
    open.add(socket)
    // A socket is a session from the server's first byte on: a connection attempt is none, nor is a cancel request.
    socket.once("data", () => set.add(socket))
    socket.once("close", () => open.delete(socket) && set.delete(socket))
    return socket
  }
  const config = { ...options, stream: openFor(sockets) }
  const lender = knownAsLost(options.pooled ? yield* PgPool.make(config) : makeUnpooled(config))
  const asking = new Set<Duplex>()
  const one = { ...options, stream: openFor(asking), maxConnections: 1, minConnections: 0, multiplex: false }
  const asker: Lender = options.pooled ? knownAsLost(yield* PgPool.make(one)) : lender
  // A frozen server would hold up the end of its sessions, and with them the end of the process.
  yield* Effect.addFinalizer(() => Effect.forkDetach(Effect.delay(destroyAll(open), closeLimit)))

  const leases = yield* makeLeases(options, () => sockets.size)

  const giveUpAsking = Effect.andThen(Effect.delay(destroyAll(asking), askLimit), Effect.never)
  const question = (sql: string, params: ReadonlyArray<unknown> = []) =>
    asker.use((session) => Effect.raceFirst(session.query(sql, params), giveUpAsking))
  const watch = yield* makeWatch({
    limitMs: options.silenceLimitMs,
    // The connection that asks may be lost as well, and is made anew.
    backends: (pids) =>
      Effect.map(Effect.retry(question(backends, [pids]), { times: 1 }), ({ rows }) => decodeBackends(rows))
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
  const inTime = <A, E, R>(session: Effect.Effect<A, E, R>) =>
    Effect.timeoutOrElse(session, { duration: options.acquireTimeoutMs, orElse: () => timedOut })
  const get = Effect.suspend(() => {
    if (leases.figures().waiting >= options.maxWaiting) return timedOut
    const since = leases.wait()
    let session: PgConnection.PgConnection | undefined
    return Effect.andThen(
      Effect.addFinalizer(() => Effect.sync(() => leases.leave(session, since))),
      Effect.tap(inTime(lender.get), (acquired) => Effect.sync(() => leases.enter((session = acquired), since)))
    )
  })
  const asked = <A, E, R>(session: PgConnection.PgConnection, statement: Effect.Effect<A, E, R>) =>
    Effect.suspend(() => {
      const watched = watch.begin(session)
      return Effect.onExitPrimitive(statement, (exit) => {
        watch.end(watched, exit)
        return undefined
      })
    })
  const reserve = Effect.gen(function* () {
    const session = yield* get
    leases.reserve(1)
    yield* Effect.addFinalizer(() => Effect.sync(() => leases.reserve(-1)))
    // What others have asked of the session comes first, and may take long.
    const pinned = yield* inTime(Effect.mapError(session.pin, asLost))
    return { session: pinned, during: (statement) => asked(session, statement) } satisfies Reserved
  })

  /** With a session to spare the pool lends it at once: neither a timer nor a scope is needed then. */
  const use: SessionPool["use"] = (f) =>
    Effect.suspend(() => {
      if (!leases.hasSpare()) return Effect.scoped(Effect.flatMap(get, (session) => asked(session, f(session))))
      const since = leases.wait()
      let session: PgConnection.PgConnection | undefined
      let watched: Session | undefined
      return Effect.onExitPrimitive(
        lender.use((acquired) => {
          leases.enter((session = acquired), since)
          watched = watch.begin(acquired)
          return f(acquired)
        }),
        (exit) => {
          watch.end(watched, exit)
          leases.leave(session, since)
          return undefined
        }
      )
    })

  const ask = Effect.asVoid(question("SELECT 1"))

  return { use, get, reserve, ask, figures: leases.figures } satisfies SessionPool
})
