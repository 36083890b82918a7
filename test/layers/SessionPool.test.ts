import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Duplex } from "node:stream"
import { makeSessionPool } from "../../src/layers/database/SessionPool.ts"
import type { SessionPoolOptions } from "../../src/layers/database/SessionPool.ts"
import { endOfEventLoopTurn } from "../support/EventLoopTurn.ts"

/** A server message: its letter, length and content. */
const message = (letter: string, content: Buffer): Buffer => {
  const head = Buffer.from(`${letter}....`)
  head.writeInt32BE(content.length + 4, 1)
  return Buffer.concat([head, content])
}
const welcome = Buffer.concat([message("R", Buffer.alloc(4)), message("Z", Buffer.from("I"))])
const fatal = (code: string) => message("E", Buffer.from(`SFATAL\0C${code}\0Mno more\0\0`))

/** The server's end of a connection: it answers the first message, and never confirms a close. */
const connectionTo = (answer: Buffer): Duplex => {
  let isGreeted = false
  return new Duplex({
    read: () => {},
    write(this: Duplex, _chunk, _encoding, done) {
      if (!isGreeted) this.push(answer)
      isGreeted = true
      done()
    },
    destroy: () => {}
  })
}

const options = {
  username: "caller",
  pooled: true,
  minConnections: 0,
  maxConnections: 1,
  acquireTimeoutMs: 1000,
  maxWaiting: 10,
  answerLimitMs: 1000
} satisfies Omit<SessionPoolOptions, "stream">

describe("a pool whose session was ended by a server shutdown", () => {
  for (const code of ["57P03", "53300"]) {
    it.live(`reports a failed connection if the next one is rejected with ${code}`, () =>
      Effect.gen(function* () {
        const session = connectionTo(welcome)
        const connections = [session, connectionTo(fatal(code))]
        const stream = () => connections.shift() ?? assert.fail("no third connection")
        const pool = yield* makeSessionPool({ ...options, stream })
        yield* pool.share(() => Effect.void)
        session.push(fatal("57P01"))
        // The message is read but the socket is not closed yet, so the session still seems open.
        yield* endOfEventLoopTurn
        assert.strictEqual(pool.figures().total, 1)
        const { reason } = yield* Effect.flip(pool.share(() => Effect.void))
        assert.strictEqual(reason._tag, "ConnectionError")
      }).pipe(Effect.scoped)
    )
  }
})
