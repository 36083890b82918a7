import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { createServer } from "node:net"
import { freshDatabase } from "../support/TestDatabase.ts"
import { databaseAt, probe } from "../support/TestDatabaseLayer.ts"

describe("the reason why the database is unavailable", () => {
  const faultAt = (url: string, variables?: Record<string, string>) =>
    Effect.map(Effect.provide(Effect.flip(probe), databaseAt(url, variables)), ({ fault }) => fault)

  /** A TCP server that accepts connections and sends nothing; with `refuse`, one that has closed. */
  const silentPort = Effect.acquireRelease(
    Effect.callback<{ port: number; close: () => void }>((resume) => {
      const server = createServer(() => {})
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        const port = typeof address === "object" && address !== null ? address.port : 0
        resume(Effect.succeed({ port, close: () => server.close() }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )

  it.live("is unreachable if nothing listens", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* faultAt("postgresql://user:password@127.0.0.1:1/db"), "unreachable")
    })
  )

  it.live("is timeout if the server does not answer", () =>
    Effect.gen(function* () {
      const { port } = yield* silentPort
      const variables = { TBG_DATABASE_CONNECT_TIMEOUT_MS: "40" }
      assert.strictEqual(yield* faultAt(`postgresql://user:password@127.0.0.1:${port}/db`, variables), "timeout")
    })
  )

  it.live("is denied for a wrong password", () =>
    Effect.gen(function* () {
      const url = new URL(Redacted.value((yield* freshDatabase).url))
      url.password = "wrong"
      assert.strictEqual(yield* faultAt(url.href), "denied")
    })
  )

  it.live("is missing for a database that does not exist", () =>
    Effect.gen(function* () {
      const url = new URL(Redacted.value((yield* freshDatabase).url))
      url.pathname = "/nowhere"
      assert.strictEqual(yield* faultAt(url.href), "missing")
    })
  )
})
