import type { PgConnection } from "@effect/sql-pg"
import { Cause, Context, Effect, Exit, Predicate, Schedule } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import { Socket } from "node:net"
import { beginCounter } from "../../metrics/Counter.ts"
import { NegotiatedConnection } from "./Transport.ts"

/**
 * Whether the statement timeout applies to a transaction. It does not apply to migrations, which may be silent for
 * long, so their sessions are not watched; TCP keep-alive ends dead connections.
 */
export const StatementsAreTimed = Context.Reference("tbg-api/layers/database/StatementsAreTimed", {
  defaultValue: () => true
})

/** A session of the pool, and what is known of its connection. */
export interface Session {
  readonly pid: number
  readonly socket: Socket | NegotiatedConnection
  /** Who waits for an answer of it. */
  asked: number
  /** How many bytes had come by the last look. */
  bytesRead: number
  /** How many had come when someone last gave up waiting, and left a statement behind. */
  abandonedAt: number
  /** The look at which a byte last came. */
  heardAt: number
  /** Looks since then at which an answer was owed. */
  silentLooks: number
  /** What the server said last: that it does nothing for this session, or that it works. */
  said: "nothing" | "idle" | "working"
}

/** A session as the server sees it. */
export interface Backend {
  readonly pid: number
  /** It does nothing but wait for us. */
  readonly isIdle: boolean
}

export interface WatchOptions {
  /** How long a session of which the server says nothing may be silent while an answer is due, in milliseconds. */
  readonly limitMs: number
  /** What the server knows of these, asked on another connection. */
  readonly backends: (pids: ReadonlyArray<number>) => Effect.Effect<ReadonlyArray<Backend>, SqlError>
}

const lostSessions = beginCounter(
  "tbg_db_sessions_lost_total",
  "Sessions that were given up because their connection was silent while an answer was due"
)

/** Between two looks, in milliseconds. */
const lookMs = 500
/** A session that is silent for so many looks is asked about. */
const patience = 2

/** The driver has no way to give a session up and keeps its socket to itself; the embedded database has none. */
const socketOf = (session: PgConnection.PgConnection): Session["socket"] | undefined =>
  Predicate.hasProperty(session, "session") &&
  Predicate.hasProperty(session.session, "socket") &&
  (session.session.socket instanceof Socket || session.session.socket instanceof NegotiatedConnection)
    ? session.session.socket
    : undefined

/** Whether an answer is due: to someone who waits, or of a statement that was left behind. */
const isOwed = ({ abandonedAt, asked, socket }: Session): boolean => asked > 0 || socket.bytesRead === abandonedAt

const logLost = (sessions: number) =>
  Effect.annotateLogs(Effect.logWarning("sessions with Postgres gave no answer and were closed"), { sessions })

/**
 * Gives up sessions whose connection was lost without a word: a network that dropped it (a firewall that was restarted,
 * a node that went away) sends no reset, and both ends would wait for a quarter of an hour.
 *
 * What is silent for a second while an answer is due is asked about, on a connection of its own: a backend that twice
 * does nothing but wait for us has not got our statement, or its answer was lost. One that works is left to its
 * statement timeout, so a long step of a migration is not cut short; behind a pooler, which gives out numbers of its
 * own, nothing is known, and `limitMs` is the bound. With a session that is lost go the idle ones that were not heard
 * of since.
 */
export const makeWatch = Effect.fnUntraced(function* ({ backends, limitMs }: WatchOptions) {
  const countLost = yield* lostSessions
  const sessions = new Map<PgConnection.PgConnection, Session>()
  const limitLooks = Math.ceil(limitMs / lookMs)
  let looks = 0
  let isAsking = false

  const known = () => [...sessions.values()]

  const giveUp = (gone: ReadonlyArray<Session>): Effect.Effect<void> => {
    if (gone.length === 0) return Effect.void
    const since = Math.max(...gone.map(({ heardAt }) => heardAt))
    const unheard = known().filter((session) => !isOwed(session) && session.heardAt <= since)
    const all = new Set([...gone, ...unheard])
    for (const { socket } of all) socket.destroy()
    countLost(all.size)
    return logLost(all.size)
  }

  const askAbout = Effect.fnUntraced(function* (suspects: ReadonlyArray<Session>) {
    isAsking = true
    const found = new Map((yield* backends(suspects.map(({ pid }) => pid))).map(({ isIdle, pid }) => [pid, isIdle]))
    // Those that were heard of meanwhile are suspect no more.
    const silent = suspects.filter(({ silentLooks }) => silentLooks > 0)
    const gone = silent.filter(({ pid, said }) => found.get(pid) === true && said === "idle")
    for (const session of silent) {
      const isIdle = found.get(session.pid)
      if (isIdle !== undefined) session.said = isIdle ? "idle" : "working"
    }
    yield* giveUp(gone)
  })

  const look = Effect.gen(function* () {
    looks += 1
    for (const session of known()) {
      const { bytesRead } = session.socket
      const isHeard = bytesRead !== session.bytesRead
      if (isHeard) session.heardAt = looks
      if (isHeard || !isOwed(session)) Object.assign(session, { bytesRead, silentLooks: 0, said: "nothing" })
      else session.silentLooks += 1
    }
    const silent = known().filter(({ silentLooks }) => silentLooks >= patience)
    yield* giveUp(silent.filter(({ said, silentLooks }) => silentLooks > limitLooks && said !== "working"))
    if (silent.length === 0 || isAsking) return
    const asked = Effect.ensuring(
      Effect.ignore(askAbout(silent)),
      Effect.sync(() => void (isAsking = false))
    )
    yield* Effect.forkDetach(asked)
  })
  yield* Effect.forkScoped(Effect.repeat(look, Schedule.spaced(lookMs)))

  const add = (connection: PgConnection.PgConnection): Session | undefined => {
    const socket = socketOf(connection)
    if (socket === undefined) return undefined
    const session: Session = {
      pid: connection.processId,
      socket,
      asked: 0,
      bytesRead: socket.bytesRead,
      abandonedAt: -1,
      heardAt: looks,
      silentLooks: 0,
      said: "nothing"
    }
    sessions.set(connection, session)
    socket.once("close", () => sessions.delete(connection))
    return session
  }

  return {
    /** Someone begins to wait for an answer on a connection; gives what `end` wants. */
    begin: (connection: PgConnection.PgConnection): Session | undefined => {
      const session = sessions.get(connection) ?? add(connection)
      if (session !== undefined) session.asked += 1
      return session
    },
    /** The wait has ended so. */
    end: (session: Session | undefined, exit: Exit.Exit<unknown, unknown>): void => {
      if (session === undefined) return
      session.asked -= 1
      if (Exit.isFailure(exit) && Cause.hasInterrupts(exit.cause)) session.abandonedAt = session.socket.bytesRead
    }
  }
})
