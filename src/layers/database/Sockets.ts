import type { PgPool } from "@effect/sql-pg"
import { Effect } from "effect"
import { connect } from "node:net"
import type { Duplex } from "node:stream"

export const destroyAll = (sockets: ReadonlySet<Duplex>) =>
  Effect.sync(() => {
    for (const socket of sockets) socket.destroy()
  })

/** A host that begins with `/` is the folder of a unix socket, as libpq has it. */
const addressOf = (options: PgPool.Config) => {
  const { host = "localhost", port = 5432 } = options
  return host.startsWith("/")
    ? { path: `${host}/.s.PGSQL.${port}` }
    : { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 }
}

/** A connection to where a pool leads, which is on its way. */
export const connectedSocket = (options: PgPool.Config): Duplex => options.stream?.() ?? connect(addressOf(options))
