import { connect } from "node:net"
import { Effect } from "effect"

/** How long a server may take to answer and to end the connection. */
const patience = "20 seconds"

/**
 * Sends bytes (a character each) over a connection of its own, says that nothing follows, and gives all that came until
 * the server ended it; `undefined` where it did not. A connection that is reset has ended.
 */
export const exchange = (port: number, bytes: string): Effect.Effect<string | undefined> =>
  Effect.callback<string>((resume) => {
    const socket = connect({ port, host: "127.0.0.1" })
    let answer = ""
    socket.setEncoding("latin1").on("data", (text) => (answer += text))
    socket.on("error", () => {})
    socket.on("close", () => resume(Effect.succeed(answer)))
    socket.end(bytes, "latin1")
    return Effect.sync(() => socket.destroy())
  }).pipe(Effect.timeoutOrElse({ duration: patience, orElse: () => Effect.succeed(undefined) }))
