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

/** Second attempt after a rejected connection (libpq, "Protection Provided in Different Modes"). */
const nextOf = ({ tls }: PostgresTarget, isEncrypted: boolean): Beginning | undefined => {
  if (tls.mode === "prefer" && isEncrypted) return "clear"
  return tls.mode === "allow" && !isEncrypted ? "encrypted" : undefined
}

/** Type of an ErrorResponse; as the first message, it means that the server rejected the connection. */
const errorResponse = 0x45

/** Connects, sends the driver's first message, and returns the socket with the first answer. */
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

/** With `prefer`, clear text follows if TLS fails. */
const openedOrClear = async (way: Way, beginning: Beginning): Promise<Opened> => {
  try {
    return await opened(way, beginning)
  } catch (error) {
    if (!(error instanceof TlsFailure && beginning === "offered")) throw error
    return opened(way, "clear")
  }
}

/**
 * Connection encrypted by the rules of libpq. The driver always verifies and never falls back to clear text, so it sees
 * this as a clear-text connection.
 */
export class NegotiatedConnection extends Duplex {
  #socket: Socket | undefined
  #isOpen = false
  readonly #begin: (message: Buffer, done: (error: Error | null) => void) => void

  constructor(target: PostgresTarget) {
    super({ allowHalfOpen: false })
    const track = (socket: Socket) => {
      this.#socket = socket
      if (this.destroyed) socket.destroy()
    }
    this.#begin = callbackify(async (message: Buffer) => {
      const { answer, socket } = await begun({ target, options: await tlsOptionsOf(target), track }, message)
      this.#socket = socket
      this.#isOpen = true
      this.push(answer)
      socket
        .on("data", (bytes) => this.push(bytes) || socket.pause())
        .on("close", (isFailed) => (isFailed ? this.destroy() : this.push(null)))
        .resume()
    })
  }

  override _read() {
    if (this.#isOpen) this.#socket?.resume()
  }

  override _write(message: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void) {
    if (!this.#isOpen) this.#begin(message, done)
    else this.#socket?.write(message, done)
  }

  override _final(done: () => void) {
    this.#socket?.end()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void) {
    this.#socket?.destroy()
    done(error)
  }
}

/** How the driver connects to a target. */
export const transportOf = (target: PostgresTarget): Pick<PgConnection.Config, "ssl" | "stream"> =>
  // As in libpq, a Unix socket is never encrypted.
  target.tls.mode === "disable" || target.host.startsWith("/")
    ? { ssl: false }
    : { ssl: false, stream: () => new NegotiatedConnection(target) }
