import { connect } from "node:net"
import type { Socket } from "node:net"
import { Effect } from "effect"
import type { Scope } from "effect"

/** A connection to a local port; fails if nothing listens. */
export const testSocket = (port: number): Effect.Effect<Socket, Error, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => connect(port, "127.0.0.1")),
    (socket) => Effect.sync(() => socket.destroy())
  ).pipe(
    Effect.flatMap((socket) =>
      Effect.callback<Socket, Error>((resume) => {
        socket.on("connect", () => resume(Effect.succeed(socket)))
        socket.on("error", (error) => resume(Effect.fail(error)))
      })
    )
  )

/** Waits until the other side has closed the connection. */
export const closed = (socket: Socket): Effect.Effect<void> =>
  Effect.callback((resume) => {
    if (socket.closed) return resume(Effect.void)
    socket.on("close", () => resume(Effect.void)).resume()
  })

/** The server's first bytes after one line, as text. */
export const reply = (port: number, line: string): Effect.Effect<string, Error> =>
  Effect.flatMap(testSocket(port), (socket) =>
    Effect.callback<string>((resume) => {
      socket.on("data", (bytes) => resume(Effect.succeed(bytes.toString().trim())))
      socket.write(`${line}\r\n`)
    })
  ).pipe(Effect.scoped)
