import { connect } from "node:net"
import type { Socket } from "node:net"
import { Duplex } from "node:stream"
import { TLSSocket } from "node:tls"
import type { ConnectionOptions } from "node:tls"
import { callbackify } from "node:util"
import { TlsFailure } from "./Fault.ts"
import { encrypt, tlsOptionsOf } from "./Tls.ts"
import type { PostgresTarget } from "./Tls.ts"

type Attempt = "clear" | "encrypted"

/** Attempts of a mode. The next one follows if TLS fails or the server rejects the connection, as in libpq. */
const attemptsOf = ({ tls: { mode } }: PostgresTarget): ReadonlyArray<Attempt> => {
  if (mode === "allow") return ["clear", "encrypted"]
  return mode === "prefer" ? ["encrypted", "clear"] : ["encrypted"]
}

/** SSLRequest of protocol 3: length and code. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

/** Type of an ErrorResponse. If it comes first, the server rejected the connection. */
const errorResponse = 0x45

/** Errors need no handling, because the socket closes next. */
const ignore = () => {}

const connectInClear = ({ host, port }: PostgresTarget): Socket =>
  connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 })

/** Resolves with the first bytes from the server. Later bytes stay in the socket. */
const firstBytes = (socket: Socket): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    socket
      .once("data", (bytes: Buffer) => {
        socket.pause()
        resolve(bytes)
      })
      .once("error", reject)
      .once("close", () => reject(new Error("Connection closed unexpectedly")))
      .resume()
  })

/**
 * Connection encrypted by the rules of libpq. The driver always verifies and never falls back to clear text, so it sees
 * this as a clear-text connection.
 */
class NegotiatedConnection extends Duplex {
  #socket: Socket | undefined
  #isOpen = false
  readonly #target: PostgresTarget

  constructor(target: PostgresTarget) {
    super({ allowHalfOpen: false })
    this.#target = target
  }

  async #connect(options: ConnectionOptions, attempt: Attempt, isClearNext: boolean): Promise<Socket> {
    const raw = connectInClear(this.#target)
    this.#socket = raw.on("error", ignore)
    if (this.destroyed) raw.destroy()
    if (attempt === "clear") return raw
    raw.write(sslRequest)
    const answer = String(await firstBytes(raw))
    // Bytes after the letter could have been injected before encryption, so they are an error.
    if (answer === "S") return (await encrypt(raw, options, this.#target)).on("error", ignore)
    if (answer === "N" && isClearNext) return raw
    raw.destroy()
    throw new TlsFailure("the server does not offer TLS", "enable ssl there, or use sslmode=prefer in TBG_DATABASE_URL")
  }

  async #open(message: Buffer): Promise<void> {
    await this.#begin(message, await tlsOptionsOf(this.#target), attemptsOf(this.#target))
  }

  /** Sends the driver's first message, and forwards the answer and everything after it. */
  async #begin(
    message: Buffer,
    options: ConnectionOptions,
    [attempt = "encrypted", ...others]: ReadonlyArray<Attempt>
  ): Promise<void> {
    try {
      const socket = await this.#connect(options, attempt, others.includes("clear"))
      socket.write(message)
      const answer = await firstBytes(socket)
      const isAsAttempted = socket instanceof TLSSocket === (attempt === "encrypted")
      const isRejected = answer[0] === errorResponse && isAsAttempted && others.length > 0
      if (!isRejected) return this.#forward(socket, answer)
      socket.destroy()
    } catch (error) {
      if (!(error instanceof TlsFailure) || others.length === 0) throw error
    }
    await this.#begin(message, options, others)
  }

  #forward(socket: Socket, answer: Buffer): void {
    this.#socket = socket
    this.#isOpen = true
    this.push(answer)
    socket
      .on("data", (bytes) => this.push(bytes) || socket.pause())
      .on("close", (isFailed) => (isFailed ? this.destroy() : this.push(null)))
      .resume()
  }

  override _read() {
    if (this.#isOpen) this.#socket?.resume()
  }

  override _write(message: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void) {
    if (this.#isOpen) this.#socket?.write(message, done)
    else callbackify(() => this.#open(message))(done)
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

/**
 * Connects to Postgres. As in libpq, a host that begins with `/` is the folder of a Unix socket, which is never
 * encrypted.
 */
export const connectTo = (target: PostgresTarget): Duplex => {
  if (target.host.startsWith("/")) return connect({ path: `${target.host}/.s.PGSQL.${target.port}` })
  return target.tls.mode === "disable" ? connectInClear(target) : new NegotiatedConnection(target)
}
