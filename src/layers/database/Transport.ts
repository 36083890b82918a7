import type { PgConnection } from "@effect/sql-pg"
import { Duplex } from "node:stream"
import type { Socket } from "node:net"
import { callbackify } from "node:util"
import { TlsFailure } from "./Fault.ts"
import { received } from "./Received.ts"
import { opened, tlsOptionsOf } from "./Tls.ts"
import type { Beginning, Opened, PostgresTarget, Way } from "./Tls.ts"

const firstOf = ({ tls }: PostgresTarget): Beginning => {
  if (tls.mode === "allow") return "clear"
  return tls.mode === "prefer" ? "offered" : "encrypted"
}

/** What to try if the server does not accept a connection that began so (libpq, "Protection Provided in Different Modes"). */
const nextOf = ({ tls }: PostgresTarget, isEncrypted: boolean): Beginning | undefined => {
  if (tls.mode === "prefer" && isEncrypted) return "clear"
  return tls.mode === "allow" && !isEncrypted ? "encrypted" : undefined
}

/** The type of an ErrorResponse: as the first answer it means that the server does not accept the connection. */
const errorResponse = 0x45

/** Connects, sends the driver's first message, and gives the socket with the first answer. */
const begun = async (way: Way, message: Buffer) => {
  const { target } = way
  const attempt = async (beginning: Beginning): Promise<{ socket: Socket; answer: Buffer }> => {
    const { isEncrypted, socket } = await openedOrClear(way, beginning)
    socket.write(message)
    const answer = await received(socket, "data")
    if (!Buffer.isBuffer(answer)) throw new TypeError("expected bytes")
    const next = answer[0] === errorResponse ? nextOf(target, isEncrypted) : undefined
    if (next === undefined) return { socket, answer }
    socket.destroy()
    return attempt(next)
  }
  return attempt(firstOf(target))
}

/** A server whose TLS fails may still be one to talk to in clear text. */
const openedOrClear = async (way: Way, beginning: Beginning): Promise<Opened> => {
  try {
    return await opened(way, beginning)
  } catch (error) {
    if (!(error instanceof TlsFailure && beginning === "offered")) throw error
    return opened(way, "clear")
  }
}

/**
 * A connection that is encrypted as libpq would do it. The driver cannot: it always verifies, and does not fall back
 * to clear text. To the driver this is a connection in clear text.
 */
const connection = (target: PostgresTarget): Duplex => {
  let current: Socket | undefined
  let isOpen = false
  const begin = callbackify(async (message: Buffer) => {
    const track = (socket: Socket) => {
      current = socket
      if (outer.destroyed) socket.destroy()
    }
    const { answer, socket } = await begun({ target, options: await tlsOptionsOf(target), track }, message)
    current = socket
    isOpen = true
    outer.push(answer)
    socket
      .on("data", (bytes) => outer.push(bytes) || socket.pause())
      .on("close", (isFailed) => (isFailed ? outer.destroy() : outer.push(null)))
      .resume()
  })
  const outer: Duplex = new Duplex({
    allowHalfOpen: false,
    read: () => {
      if (isOpen) current?.resume()
    },
    write: (message: Buffer, _encoding, done) => {
      if (!isOpen) {
        begin(message, done)
      } else if (current?.write(message)) {
        done()
      } else {
        current?.once("drain", () => done())
      }
    },
    final: (done) => {
      current?.end()
      done()
    },
    destroy: (error, done) => {
      current?.destroy()
      done(error)
    }
  })
  return outer
}

/** How the driver connects to a target. */
export const transportOf = (target: PostgresTarget): Pick<PgConnection.Config, "ssl" | "stream"> =>
  // As in libpq, a Unix socket is never encrypted.
  target.tls.mode === "disable" || target.host.startsWith("/")
    ? { ssl: false }
    : { ssl: false, stream: () => connection(target) }
