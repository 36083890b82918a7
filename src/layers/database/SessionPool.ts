import { PgConnection, PgPool } from "@effect/sql-pg"
import { Effect, Semaphore } from "effect"
import type { Scope } from "effect"
import { ConnectionError, SqlError } from "effect/sql/SqlError"
import { connect as connectSocket } from "node:net"
import type { Duplex } from "node:stream"
import { makePoolMetrics } from "./Metrics.ts"

/** Counts of sessions with the server and of callers, as they are at this moment. */
export interface PoolFigures {
  /** The most sessions that may be open. */
  readonly max: number
  /** Open sessions. */
  readonly total: number
  /** Sessions with at least one caller. */
  readonly active: number
  /** Open sessions without a caller. */
  readonly idle: number
  /** Callers that have no session yet. */
  readonly waiting: number
}

/** No session became free in time; the cause of the `SqlError` that the caller gets. */
export class AcquireTimeout extends Error {
  override readonly name = "AcquireTimeout"
}

export interface SessionPool {
  /** Lends a session to one effect. */
  readonly use: <A, E, R>(
    f: (session: PgConnection.PgConnection) => Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E | SqlError, R>
  /** Lends a session, which others may share, until the scope closes. */
  readonly get: Effect.Effect<PgConnection.PgConnection, SqlError, Scope.Scope>
  /** Lends a session that nobody else gets until the scope closes, as transactions need it. */
  readonly reserve: Effect.Effect<PgConnection.PgConnection, SqlError, Scope.Scope>
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
}

/** How long the server has to end a session when the pool closes. */
const closeLimit = "1 second"

/** What a driver's pool of either kind offers. */
type Lender = Pick<SessionPool, "use" | "get">

/** A session for each checkout, with no more of them at once than `maxConnections`. */
const makeUnpooled = (options: SessionPoolOptions): Lender => {
  const permits = Semaphore.makeUnsafe(options.maxConnections)
  const get = Effect.andThen(permits.takeScoped(1), PgConnection.make(options))
  return { get, use: (f) => Effect.scoped(Effect.flatMap(get, f)) }
}

/**
 * Sessions with one Postgres, counted: the driver's pool (or none), a bound on the wait for a session, and figures.
 *
 * The sockets are opened here, because that is the one place from which the driver lets its sessions be counted.
 */
export const makeSessionPool = Effect.fnUntraced(function* (options: SessionPoolOptions) {
  const open = new Set<Duplex>()
  const sockets = new Set<Duplex>()
  const leases = new Map<PgConnection.PgConnection, number>()
  let leased = 0
  let reserved = 0
  let waiting = 0

  const openUncounted = (): Duplex => {
    const socket = options.stream?.() ?? connectSocket(addressOf(options))
    open.add(socket)
    socket.once("close", () => open.delete(socket))
    return socket
  }
  const openSocket = (): Duplex => {
    const socket = openUncounted()
    // A socket is a session from the server's first byte on: a connection attempt is none, nor is a cancel request.
    socket.once("data", () => sockets.add(socket))
    socket.once("close", () => sockets.delete(socket))
    return socket
  }
  const config = { ...options, stream: openSocket }
  const lender: Lender = options.pooled ? yield* PgPool.make(config) : makeUnpooled(config)
  const asker: Lender = options.pooled
    ? yield* PgPool.make({ ...options, stream: openUncounted, maxConnections: 1, minConnections: 0, multiplex: false })
    : lender
  // A frozen server would hold up the end of its sessions, and with them the end of the process.
  yield* Effect.addFinalizer(() => Effect.forkDetach(Effect.delay(destroyAll(open), closeLimit)))

  const figures = (): PoolFigures => ({
    max: options.maxConnections,
    total: sockets.size,
    active: leases.size,
    idle: Math.max(0, sockets.size - leases.size),
    waiting
  })
  const metrics = yield* makePoolMetrics(figures)

  const endWait = (since: number): void => {
    waiting--
    metrics.waited(performance.now() - since)
  }
  const enter = (session: PgConnection.PgConnection, since: number): void => {
    endWait(since)
    leased++
    leases.set(session, (leases.get(session) ?? 0) + 1)
  }
  const leave = (session: PgConnection.PgConnection | undefined, since: number): void => {
    if (session === undefined) return endWait(since)
    leased--
    const others = (leases.get(session) ?? 1) - 1
    if (others === 0) leases.delete(session)
    else leases.set(session, others)
  }

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
    waiting++
    const since = performance.now()
    let session: PgConnection.PgConnection | undefined
    return Effect.andThen(
      Effect.addFinalizer(() => Effect.sync(() => leave(session, since))),
      Effect.tap(inTime(lender.get), (acquired) => Effect.sync(() => enter((session = acquired), since)))
    )
  })
  const reserve = Effect.gen(function* () {
    const session = yield* get
    reserved++
    yield* Effect.addFinalizer(() => Effect.sync(() => void reserved--))
    // What others have asked of the session comes first, and may take long.
    return yield* inTime(session.pin)
  })
  /** A reserved session has room for nobody else. */
  const hasSpare = (): boolean =>
    waiting === 0 && leased - reserved < (sockets.size - reserved) * options.multiplexConcurrency

  /** With a session to spare the pool lends it at once: neither a timer nor a scope is needed then. */
  const use: SessionPool["use"] = (f) =>
    Effect.suspend(() => {
      if (!hasSpare()) return Effect.scoped(Effect.flatMap(get, f))
      waiting++
      const since = performance.now()
      let session: PgConnection.PgConnection | undefined
      return Effect.ensuring(
        lender.use((acquired) => {
          enter((session = acquired), since)
          return f(acquired)
        }),
        Effect.sync(() => leave(session, since))
      )
    })

  const ask = Effect.asVoid(asker.use((session) => session.query("SELECT 1")))

  return { use, get, reserve, ask, figures } satisfies SessionPool
})

const destroyAll = (sockets: ReadonlySet<Duplex>) =>
  Effect.sync(() => {
    for (const socket of sockets) socket.destroy()
  })

/** A host that begins with `/` is the folder of a unix socket, as libpq has it. */
const addressOf = (options: SessionPoolOptions) => {
  const { host = "localhost", port = 5432 } = options
  return host.startsWith("/")
    ? { path: `${host}/.s.PGSQL.${port}` }
    : { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 }
}
