import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { once } from "node:events"
import type { Duplex } from "node:stream"
import { closeFrame, queryFrame, readAnswer, syncFrame } from "../../../src/layers/embedded/Frames.ts"
import { makeEmbeddedDatabase } from "../../../src/layers/EmbeddedDatabase.ts"

const open = makeEmbeddedDatabase({ folder: undefined, statementTimeoutMs: 8000 })

const int32s = (...values: ReadonlyArray<number>) => {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, index) => bytes.writeInt32BE(value, index * 4))
  return bytes
}
const startup = (() => {
  const body = Buffer.from("user\0postgres\0database\0postgres\0\0")
  return Buffer.concat([int32s(body.length + 8, 196608), body])
})()
const frame = (kind: string, body: string) =>
  Buffer.concat([Buffer.from(kind), int32s(Buffer.byteLength(body) + 4), Buffer.from(body)])
const parseFrame = (name: string, sql: string) => frame("P", `${name}\0${sql}\0\0\0`)
const bindExecute = Buffer.concat([frame("B", "\0\0\0\0\0\0\0\0"), frame("E", "\0\0\0\0\0")])
const flushFrame = frame("H", "")
const terminateFrame = frame("X", "")

/** Sends, and collects what comes until the server is ready. */
const ask = (connection: Duplex, ...frames: ReadonlyArray<Buffer>) =>
  Effect.promise(async () => {
    for (const bytes of frames) connection.write(bytes)
    let answer = Buffer.alloc(0)
    while (readAnswer(answer).status === undefined) {
      const [chunk]: Array<unknown> = await once(connection, "data")
      if (chunk instanceof Uint8Array) answer = Buffer.concat([answer, chunk])
    }
    return { status: readAnswer(answer).status, text: answer.toString("latin1") }
  })

const closed = (connection: Duplex) => Effect.promise(() => once(connection, "close"))

describe("one virtual connection", () => {
  it.effect("declines TLS and goes on in clear", () =>
    Effect.gen(function* () {
      const connection = (yield* open).stream()
      connection.write(int32s(8, 80877103))
      const [declined] = yield* Effect.promise(() => once(connection, "data"))
      assert.strictEqual(String(declined), "N")
      assert.strictEqual((yield* ask(connection, startup)).status, "I")
    })
  )

  it.effect("ends with a CancelRequest and with a protocol it does not know", () =>
    Effect.gen(function* () {
      const { stream } = yield* open
      const cancelling = stream()
      cancelling.write(int32s(16, 80877102, 1, 2))
      yield* closed(cancelling)
      const foreign = stream()
      const failed = once(foreign, "error")
      foreign.write(int32s(8, 131072))
      assert.match(String(yield* Effect.promise(() => failed)), /does not speak protocol 131072/u)
    })
  )

  it.effect("understands a client that sends byte by byte", () =>
    Effect.gen(function* () {
      const connection = (yield* open).stream()
      yield* ask(connection, startup)
      const bytes = Array.from(queryFrame("SELECT 'whole' AS a"), (byte) => Buffer.of(byte))
      const { text } = yield* ask(connection, ...bytes)
      assert.include(text, "whole")
    })
  )

  it.effect("waits while another connection is in a transaction", () =>
    Effect.gen(function* () {
      const { stream } = yield* open
      const [holder, other] = [stream(), stream()]
      yield* ask(holder, startup)
      yield* ask(other, startup)
      yield* ask(holder, queryFrame("CREATE TABLE walled (id int)"))
      yield* ask(holder, queryFrame("BEGIN"))
      const waiting = yield* Effect.forkChild(ask(other, queryFrame("INSERT INTO walled VALUES (1)")), {
        startImmediately: true
      })
      yield* ask(holder, queryFrame("SELECT 1"))
      yield* ask(holder, queryFrame("ROLLBACK"))
      assert.strictEqual((yield* Fiber.join(waiting)).status, "I")
      const counted = yield* ask(other, queryFrame("SELECT 'rows: ' || count(*) FROM walled"))
      assert.include(counted.text, "rows: 1")
    })
  )

  it.effect("rolls back what a connection leaves open", () =>
    Effect.gen(function* () {
      const { stream } = yield* open
      const [leaver, other] = [stream(), stream()]
      yield* ask(leaver, startup)
      yield* ask(other, startup)
      yield* ask(other, queryFrame("CREATE TABLE left_open (id int)"))
      const { status } = yield* ask(leaver, queryFrame("BEGIN; INSERT INTO left_open VALUES (1)"))
      assert.strictEqual(status, "T")
      leaver.destroy()
      const counted = yield* ask(other, queryFrame("SELECT 'rows: ' || count(*) FROM left_open"))
      assert.include(counted.text, "rows: 0")
      assert.strictEqual(counted.status, "I")
    })
  )

  it.effect("frees the session when it ends in a failed transaction", () =>
    Effect.gen(function* () {
      const { stream } = yield* open
      const [leaver, other] = [stream(), stream()]
      yield* ask(leaver, startup)
      yield* ask(other, startup)
      const { status } = yield* ask(leaver, queryFrame("BEGIN; SELECT 1/0"))
      assert.strictEqual(status, "E")
      leaver.write(terminateFrame)
      assert.strictEqual((yield* ask(other, queryFrame("SELECT 1"))).status, "I")
    })
  )

  it.effect("undoes what was sent up to a Flush and never synced", () =>
    Effect.gen(function* () {
      const { stream } = yield* open
      const [leaver, other] = [stream(), stream()]
      yield* ask(leaver, startup)
      yield* ask(other, startup)
      yield* ask(other, queryFrame("CREATE TABLE flushed (id int)"))
      leaver.write(Buffer.concat([parseFrame("", "INSERT INTO flushed VALUES (1)"), bindExecute, flushFrame]))
      yield* Effect.promise(() => once(leaver, "data"))
      const counting = ask(other, queryFrame("SELECT 'rows: ' || count(*) FROM flushed"))
      leaver.destroy()
      assert.include((yield* counting).text, "rows: 0")
    })
  )

  it.effect("closes the statements that a connection prepared", () =>
    Effect.gen(function* () {
      const { stream } = yield* open
      const [leaver, other] = [stream(), stream()]
      yield* ask(leaver, startup)
      yield* ask(other, startup)
      yield* ask(leaver, parseFrame("one", "SELECT 1"), parseFrame("two", "SELECT 2"), closeFrame("two"), syncFrame)
      const names = queryFrame(
        "SELECT 'names: ' || coalesce(string_agg(name, ','), 'none') FROM pg_prepared_statements"
      )
      assert.include((yield* ask(other, names)).text, "names: one")
      leaver.destroy()
      assert.include((yield* ask(other, names)).text, "names: none")
    })
  )

  it.effect("has its log cut by a checkpoint once it has grown", () =>
    Effect.gen(function* () {
      const connection = (yield* open).stream()
      yield* ask(connection, startup)
      const due = queryFrame(
        "SELECT 'due: ' || (pg_current_wal_insert_lsn() - (SELECT redo_lsn FROM pg_control_checkpoint()) > 4194304)"
      )
      yield* ask(
        connection,
        queryFrame("CREATE TABLE logged AS SELECT repeat('x', 100) FROM generate_series(1, 50000)")
      )
      assert.include((yield* ask(connection, due)).text, "due: true")
      yield* TestClock.adjust("10 seconds")
      assert.include((yield* ask(connection, due)).text, "due: false")
    })
  )
})
