import { createServer } from "node:net"
import type { Socket } from "node:net"
import { Effect } from "effect"
import { tcpProxy } from "./TcpProxy.ts"
import { freePort } from "./throwaway/ServerProcess.ts"

/** The port of a server that sends everything back. */
export const echoPort = Effect.gen(function* () {
  const port = yield* freePort
  yield* Effect.acquireRelease(
    Effect.callback<ReturnType<typeof createServer>>((resume) => {
      const server = createServer((socket) => void socket.on("error", () => {}).pipe(socket))
      server.listen(port, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.callback<void>((resume) => void server.close(() => resume(Effect.void)))
  )
  return port
})

/** A proxy in front of such a server. */
export const proxied = Effect.flatMap(echoPort, (port) => tcpProxy(port))

/** What comes back for a text, up to as many characters. */
export const echo = (socket: Socket, text: string, length = text.length) =>
  Effect.callback<string>((resume) => {
    let got = ""
    const read = (bytes: Buffer) => {
      got += bytes.toString()
      if (got.length >= length) resume(Effect.succeed(got))
    }
    socket.on("data", read).write(text)
    return Effect.sync(() => socket.off("data", read))
  })
