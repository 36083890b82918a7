import { Effect } from "effect"
import type { Duplex } from "node:stream"

/** Destroys connections that the server does not close within a second. */
const destroyLater = (sockets: Iterable<Duplex>) =>
  Effect.delay(
    Effect.sync(() => {
      for (const socket of sockets) socket.destroy()
    }),
    "1 second"
  )

/** Counts the connections that `connect` opens, because the driver's pool does not report their number. */
export const makeSockets = Effect.fnUntraced(function* (connect: () => Duplex) {
  const run = Effect.runForkWith(yield* Effect.context())
  const open = new Set<Duplex>()
  const sessions = new Set<Duplex>()
  return {
    /** Number of connections on which the server has responded. */
    count: () => sessions.size,
    stream: (): Duplex => {
      const socket = connect()
      open.add(socket)
      return socket
        .once("data", () => sessions.add(socket))
        .once("finish", () => run(destroyLater([socket])))
        .once("close", () => open.delete(socket) && sessions.delete(socket))
    },
    close: Effect.forkDetach(destroyLater(open))
  }
})
