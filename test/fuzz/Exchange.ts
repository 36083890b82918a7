import { connect } from "node:net"
import { Effect } from "effect"

/** Time for a server to respond and close the connection. */
const timeLimit = "20 seconds"

/**
 * Sends bytes (one per character) on a new connection, and returns everything received until the server closes it, or
 * `undefined` if it does not. A reset counts as closed. The client half-closes only after `endAfter` milliseconds
 * without a response, because the server cancels requests of clients that closed earlier.
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
  }).pipe(Effect.timeoutOrElse({ duration: timeLimit, orElse: () => Effect.succeed(undefined) }))
