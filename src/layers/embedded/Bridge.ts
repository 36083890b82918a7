import type { PGlite } from "@electric-sql/pglite"
import { Duplex } from "node:stream"
import { setImmediate } from "node:timers/promises"
import { callbackify } from "node:util"

/** Message types of the Postgres protocol. */
const types = { notification: 0x41, query: 0x51, sync: 0x53 } as const

/** Code of a CancelRequest, in place of the version in a StartupMessage. */
const cancelRequest = 80877102

const rollback = Buffer.from("Q\0\0\0\x0dROLLBACK\0")

const messagesIn = function* (bytes: Buffer) {
  for (let start = 0; start + 5 <= bytes.length;) {
    const end = start + 1 + bytes.readInt32BE(start + 1)
    if (end > bytes.length) return
    yield { type: bytes[start], start, end }
    start = end
  }
}

/** Length of the first message, which has no type, or 0 while it is incomplete. */
const startupLength = (bytes: Buffer): number => {
  const length = bytes.length < 8 ? Infinity : bytes.readInt32BE(0)
  return length <= bytes.length ? length : 0
}

/** Length of the complete cycles, each of which ends with a Query or a Sync. The driver never sends a Flush. */
const cyclesLength = (bytes: Buffer): number => {
  let length = 0
  for (const { end, type } of messagesIn(bytes)) if (type === types.query || type === types.sync) length = end
  return length
}

/**
 * Shares the single session of PGlite among many connections. A connection has exclusive use of the session for a whole
 * cycle, because unnamed statements would otherwise mix, and for a whole transaction. A fiber that waits in a
 * transaction for a second connection therefore waits forever. Connections also share `SET`, temporary tables and
 * `LISTEN`.
 */
export const makeBridge = (db: PGlite) => {
  const connections = new Set<Duplex>()

  /** Resolves with a function that releases the session. */
  const acquire = () =>
    new Promise<() => void>((resolve) => {
      void db.runExclusive(() => new Promise<void>((end) => resolve(() => end())))
    })

  const execute = async (bytes: Buffer): Promise<Buffer> => {
    const chunks: Array<Buffer> = []
    // Each chunk is a view of memory that the next cycle overwrites.
    await db.execProtocolRawStream(bytes, { onRawData: (chunk) => chunks.push(Buffer.from(chunk)) })
    // A cycle blocks the event loop, so sockets and timers run before the next one.
    await setImmediate()
    return Buffer.concat(chunks)
  }

  const notify = (answer: Buffer, own: Duplex) => {
    for (const { end, start, type } of messagesIn(answer)) {
      if (type !== types.notification) continue
      for (const other of connections) if (other !== own) other.push(answer.subarray(start, end))
    }
  }

  /** Opens a virtual connection, which speaks the Postgres protocol 3. */
  const stream = (): Duplex => {
    let received: Buffer = Buffer.alloc(0)
    let isStarted = false
    let release: (() => void) | undefined
    let cycle = Promise.resolve()

    const run = async (bytes: Buffer) => {
      release ??= await acquire()
      if (connection.destroyed) return
      const answer = await execute(bytes)
      notify(answer, connection)
      if (connection.destroyed) return
      connections.add(connection)
      connection.push(answer)
      if (db.isInTransaction()) return
      release()
      release = undefined
    }

    const receive = async (chunk: Buffer) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
      const length = isStarted ? cyclesLength(received) : startupLength(received)
      if (length === 0) return
      if (!isStarted && received.readInt32BE(4) === cancelRequest) return void connection.destroy()
      isStarted = true
      cycle = run(received.subarray(0, length))
      received = received.subarray(length)
      await cycle
    }

    /** Rolls back an open transaction of a closed connection, and releases the session. */
    const leave = async () => {
      connections.delete(connection)
      await Promise.allSettled([cycle])
      if (release === undefined) return
      // If PGlite fails here, it fails for the other connections too, and they report it.
      await execute(rollback).catch(() => {})
      release()
    }

    const write = callbackify(receive)
    const connection = new Duplex({
      read: () => {},
      write: (chunk: Buffer, _encoding, done) => write(chunk, done),
      final: (done) => {
        connection.destroy()
        done()
      },
      destroy: (error, done) => {
        void leave()
        done(error)
      }
    })
    return connection
  }

  return {
    stream,
    close: () => {
      for (const connection of connections) connection.destroy()
    }
  }
}
