import type { PgConnection } from "@effect/sql-pg"
import { Effect } from "effect"
import { connect } from "node:net"
import type { Duplex } from "node:stream"

/** A host that begins with `/` is the folder of a Unix socket, as in libpq. */
const addressOf = ({ host = "localhost", port = 5432 }: PgConnection.Config) =>
  host.startsWith("/")
    ? { path: `${host}/.s.PGSQL.${port}` }
    : { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 }

/** Destroys connections that the server does not close within a second. */
const destroyLater = (sockets: Iterable<Duplex>) =>
  Effect.delay(
    Effect.sync(() => {
      for (const socket of sockets) socket.destroy()
    }),
    "1 second"
  )

/** Opens the connections to Postgres, because the driver's pool does not report their number. */
export const makeSockets = Effect.fnUntraced(function* (options: PgConnection.Config) {
  const run = Effect.runForkWith(yield* Effect.context())
  const open = new Set<Duplex>()
  const sessions = new Set<Duplex>()
  return {
    /** Number of connections on which the server has responded. */
    count: () => sessions.size,
    stream: (): Duplex => {
      const socket = options.stream?.() ?? connect(addressOf(options))
      open.add(socket)
      return socket
        .once("data", () => sessions.add(socket))
        .once("finish", () => run(destroyLater([socket])))
        .once("close", () => open.delete(socket) && sessions.delete(socket))
    },
    /** Destroys the connections that are still open after a second. */
    close: Effect.forkDetach(destroyLater(open))
  }
})
