import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { once } from "node:events"
import { createServer, Socket } from "node:net"
import { connectTo } from "../../src/layers/database/Transport.ts"
import { freePort } from "../support/throwaway/ServerProcess.ts"

/** Serves connections without TLS: answers the client's first message, then closes the connection. */
const endingServer = (port: number) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const server = createServer((socket) => {
        socket.once("data", () => {
          socket.write("N")
          socket.once("data", () => socket.end("R"))
        })
      })
      await once(server.listen(port, "127.0.0.1"), "listening")
      return server
    }),
    (server) => Effect.sync(() => server.close())
  )

describe("a negotiated connection", () => {
  it.live("closes if the server ended it before a write", () =>
    Effect.gen(function* () {
      const port = yield* freePort
      yield* endingServer(port)
      const connection = connectTo({
        _tag: "Postgres",
        host: "127.0.0.1",
        port,
        database: "postgres",
        username: undefined,
        password: undefined,
        options: undefined,
        tls: { mode: "prefer", rootCert: undefined, cert: undefined, key: undefined, keyPassword: undefined },
        ignored: []
      })
      assert.notInstanceOf(connection, Socket)
      connection.on("error", () => {}).once("end", () => connection.write("statement"))
      connection.resume().write("startup")
      yield* Effect.callback<void>((resume) => void connection.once("close", () => resume(Effect.void)))
      assert.isTrue(connection.destroyed)
    }).pipe(Effect.scoped)
  )
})
