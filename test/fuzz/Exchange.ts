import { connect } from "node:net"
import { Effect } from "effect"

/** How long a server may take to answer and to end the connection. */
const patience = "20 seconds"

/**
 * Sends bytes (a character each) over a connection of its own, and gives all that came until the server ended it;
 * `undefined` where it did not. A connection that is reset has ended. Bytes that may be no whole request need an end
 * for the server to judge them: `endAfter` milliseconds without an answer the client says that nothing follows. Never
 * before, as a client that has ended its side is taken for one that left, and what it asked for is cancelled.
 */
export const exchange = (port: number, bytes: string, endAfter?: number): Effect.Effect<string | undefined> =>
  Effect.callback<string>((resume) => {
    const socket = connect({ port, host: "127.0.0.1" })
    let answer = ""
    socket.setEncoding("latin1").on("data", (text) => (answer += text))
    if (endAfter !== undefined) socket.setTimeout(endAfter, () => socket.end())
    socket.on("error", () => {})
    socket.on("close", () => resume(Effect.succeed(answer)))
    socket.write(bytes, "latin1")
    return Effect.sync(() => socket.destroy())
  }).pipe(Effect.timeoutOrElse({ duration: patience, orElse: () => Effect.succeed(undefined) }))
