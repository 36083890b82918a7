import { assert, describe, it, layer } from "@effect/vitest"
import { Context, Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { once } from "node:events"
import type { Duplex } from "node:stream"
import { makeEmbeddedDatabase } from "../../../src/layers/EmbeddedDatabase.ts"

const int32s = (...values: ReadonlyArray<number>) => {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, index) => bytes.writeInt32BE(value, index * 4))
  return bytes
}
const startup = (() => {
  const body = Buffer.from("user\0postgres\0database\0postgres\0\0")
  return Buffer.concat([int32s(body.length + 8, 196608), body])
})()
const frame = (type: string, body: string) =>
  Buffer.concat([Buffer.from(type), int32s(Buffer.byteLength(body) + 4), Buffer.from(body)])
const query = (sql: string) => frame("Q", `${sql}\0`)
/** Parse, Bind and Execute of an unnamed statement, without the Sync that ends the cycle. */
const unfinished = (sql: string) =>
  Buffer.concat([frame("P", `\0${sql}\0\0\0`), frame("B", "\0\0\0\0\0\0\0\0"), frame("E", "\0\0\0\0\0")])
const sync = frame("S", "")
const terminate = frame("X", "")

const ready = "Z\0\0\0\u0005"

/** Sends, and collects the response until ReadyForQuery: `I` idle, `T` in a transaction, `E` in a failed one. */
const ask = (connection: Duplex, ...frames: ReadonlyArray<Buffer>) =>
  Effect.promise(async () => {
    for (const bytes of frames) connection.write(bytes)
    let text = ""
    // The response ends with ReadyForQuery, whose last byte is the status.
    while (text.slice(-6, -1) !== ready) {
      const [chunk]: Array<unknown> = await once(connection, "data")
      if (chunk instanceof Uint8Array) text += Buffer.from(chunk).toString("latin1")
    }
    return { status: text.at(-1), text }
  })

/** One database for all tests, which each have their own tables. */
class Database extends Context.Service<Database, Effect.Success<ReturnType<typeof makeEmbeddedDatabase>>>()(
  "tbg-api/test/layers/embedded/Bridge/Database"
) {
  static readonly layer = Layer.effect(Database, makeEmbeddedDatabase({ folder: undefined, statementTimeoutMs: 8000 }))
}

const open = Effect.flatMap(Database, ({ stream }) =>
  Effect.acquireRelease(Effect.sync(stream), (connection) => Effect.sync(() => connection.destroy()))
)

/** Two connections to one database. */
const two = Effect.gen(function* () {
  const [one, other] = [yield* open, yield* open]
  yield* ask(one, startup)
  yield* ask(other, startup)
  return { one, other }
})

describe("a virtual connection of the embedded database", () => {
  layer(Database.layer)((it) => {
    it.effect("closes after a CancelRequest", () =>
      Effect.gen(function* () {
        const cancelling = yield* open
        cancelling.write(int32s(16, 80877102, 1, 2))
        yield* Effect.promise(() => once(cancelling, "close"))
      })
    )

    it.effect("accepts a client that sends byte by byte", () =>
      Effect.gen(function* () {
        const connection = yield* open
        yield* ask(connection, ...Array.from(startup, (byte) => Buffer.of(byte)))
        const bytes = Array.from(query("SELECT 'whole' AS a"), (byte) => Buffer.of(byte))
        assert.include((yield* ask(connection, ...bytes)).text, "whole")
      })
    )

    it.effect("keeps its unnamed statement apart from another connection's", () =>
      Effect.gen(function* () {
        const { one, other } = yield* two
        one.write(unfinished("SELECT 'of one'"))
        other.write(unfinished("SELECT 'of the other'"))
        assert.include((yield* ask(one, sync)).text, "of one")
        assert.include((yield* ask(other, sync)).text, "of the other")
      })
    )

    it.effect("waits while another connection is in a transaction", () =>
      Effect.gen(function* () {
        const { one, other } = yield* two
        yield* ask(one, query("CREATE TABLE walled (id int)"))
        yield* ask(one, query("BEGIN"))
        const waiting = yield* Effect.forkChild(ask(other, query("INSERT INTO walled VALUES (1)")), {
          startImmediately: true
        })
        yield* ask(one, query("SELECT 1"))
        yield* ask(one, query("ROLLBACK"))
        assert.strictEqual((yield* Fiber.join(waiting)).status, "I")
        assert.include((yield* ask(other, query("SELECT 'rows: ' || count(*) FROM walled"))).text, "rows: 1")
      })
    )

    it.effect("runs no queued statement after it closed", () =>
      Effect.gen(function* () {
        const { one, other } = yield* two
        yield* ask(one, query("CREATE TABLE awaited (id int)"))
        yield* ask(one, query("BEGIN"))
        other.write(query("INSERT INTO awaited VALUES (1)"))
        other.destroy()
        yield* ask(one, query("COMMIT"))
        assert.include((yield* ask(one, query("SELECT 'rows: ' || count(*) FROM awaited"))).text, "rows: 0")
      })
    )

    it.effect("rolls back the transaction in which it closes", () =>
      Effect.gen(function* () {
        const { one, other } = yield* two
        yield* ask(other, query("CREATE TABLE left_open (id int)"))
        const { status } = yield* ask(one, query("BEGIN; INSERT INTO left_open VALUES (1)"))
        assert.strictEqual(status, "T")
        one.destroy()
        const counted = yield* ask(other, query("SELECT 'rows: ' || count(*) FROM left_open"))
        assert.include(counted.text, "rows: 0")
        assert.strictEqual(counted.status, "I")
      })
    )

    it.effect("rolls back a transaction that begins while it is closing", () =>
      Effect.gen(function* () {
        const { one, other } = yield* two
        yield* ask(other, query("CREATE TABLE begun (id int)"))
        one.write(query("BEGIN; INSERT INTO begun VALUES (1)"))
        yield* Effect.promise(() => Promise.resolve())
        one.destroy()
        const counted = yield* ask(other, query("SELECT 'rows: ' || count(*) FROM begun"))
        assert.include(counted.text, "rows: 0")
        assert.strictEqual(counted.status, "I")
      })
    )

    it.effect("releases the session when it closes in a failed transaction", () =>
      Effect.gen(function* () {
        const { one, other } = yield* two
        const { status } = yield* ask(one, query("BEGIN; SELECT 1/0"))
        assert.strictEqual(status, "E")
        one.end(terminate)
        assert.strictEqual((yield* ask(other, query("SELECT 1"))).status, "I")
      })
    )
  })

  it.effect("triggers a checkpoint once the log has grown", () =>
    Effect.gen(function* () {
      const { one } = yield* two
      const due = query(
        "SELECT 'due: ' || (pg_current_wal_insert_lsn() - (SELECT redo_lsn FROM pg_control_checkpoint()) > 4194304)"
      )
      yield* ask(one, query("CREATE TABLE logged AS SELECT repeat('x', 100) FROM generate_series(1, 50000)"))
      assert.include((yield* ask(one, due)).text, "due: true")
      yield* TestClock.adjust("10 seconds")
      assert.include((yield* ask(one, due)).text, "due: false")
    }).pipe(Effect.provide(Database.layer))
  )
})
