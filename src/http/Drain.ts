import { Context, Effect } from "effect"
import { Server, ServerResponse } from "node:http"
import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerOptions } from "node:http"
import type { Socket } from "node:net"
import { Arrival } from "./gate/Arrival.ts"
import type { Place } from "./Gate.ts"

/** How the server is emptied of its connections, for whoever decides when. */
export class Drain extends Context.Service<
  Drain,
  {
    /** From now on each response says `Connection: close`, those to requests in flight included; all are served. */
    readonly begin: Effect.Effect<void>
    /**
     * Stops accepting, closes what is idle, and waits for requests in flight. Requests longer than nine tenths of
     * `TBG_SHUTDOWN_TIMEOUT_MS` get 503 and are cut off.
     */
    readonly finish: Effect.Effect<void>
  }
>()("tbg-api/http/Drain") {}

const busy = -1

/** A Node server, and how to tell it that no connection is to be kept. */
export interface DrainableServer {
  readonly server: Server
  readonly begin: () => void
}

/**
 * Node's own close of idle connections takes one for idle whose answer is still on its way to a slow reader, and cuts
 * it; and a connection that was busy then is kept until its keep-alive ends. So this server knows which are at rest:
 * those without a response, and without a byte since the last.
 */
export const makeDrainableServer = (
  options: ServerOptions<typeof Arrival>,
  arrive: (place: Place) => void
): DrainableServer => {
  let isDraining = false
  /** The bytes that had been read when the connection came to rest; `busy` for one that has a response to send. */
  const connections = new Map<Socket, number>()
  /** A response may end after its connection has, of which nothing is to be kept then. */
  const note = (socket: Socket, bytesRead: number): void => {
    if (!socket.destroyed) connections.set(socket, bytesRead)
  }

  class Response extends ServerResponse<Arrival> {
    override writeHead(
      status: number,
      reason?: string | OutgoingHttpHeaders | Array<OutgoingHttpHeader>,
      headers?: OutgoingHttpHeaders | Array<OutgoingHttpHeader>
    ): this {
      if (isDraining || !server.listening) this.shouldKeepAlive = false
      if (typeof reason === "string") return super.writeHead(status, reason, headers)
      return super.writeHead(status, reason ?? headers)
    }
    /**
     * Effect has the bytes of every body counted, and what is counted Node sends in parts: a twentieth of a request. One
     * that comes whole, at the end, has the length that Effect made of it.
     */
    override end(chunk?: unknown, encoding?: BufferEncoding | (() => void), sent?: () => void): this {
      if (typeof chunk === "string" || chunk instanceof Uint8Array) this.strictContentLength = false
      return typeof encoding === "string" ? super.end(chunk, encoding, sent) : super.end(chunk, encoding ?? sent)
    }
    override assignSocket(socket: Socket): void {
      note(socket, busy)
      super.assignSocket(socket)
    }
    override detachSocket(socket: Socket): void {
      super.detachSocket(socket)
      if (!server.listening) return socket.destroySoon()
      note(socket, socket.bytesRead)
    }
  }

  class Gated extends Server<typeof Arrival, typeof Response> {
    override emit(event: string | symbol, ...values: ReadonlyArray<unknown>): boolean {
      const [request, response] = values
      const isRequest = event === "request" || event === "checkContinue"
      if (!isRequest || !(request instanceof Arrival) || !(response instanceof Response)) {
        return super.emit(event, ...values)
      }
      arrive({ request, response, begin: () => super.emit(event, request, response) })
      return true
    }
  }

  const server = new Gated({ ...options, IncomingMessage: Arrival, ServerResponse: Response })
  server.on("connection", (socket: Socket) => {
    connections.set(socket, 0)
    socket.once("close", () => connections.delete(socket))
  })
  // The server's `close` calls it.
  server.closeIdleConnections = () => {
    for (const [socket, bytesRead] of connections) if (socket.bytesRead === bytesRead) socket.destroy()
  }
  return { server, begin: () => void (isDraining = true) }
}

/** How long last answers have to leave before their connections are cut, in milliseconds; it is part of the time. */
const lastAnswersMs = 50

/**
 * @param timeoutMs how long `finish` waits for requests in flight
 * @param answerAll answers those that it waited for in vain
 */
export const makeDrain = (
  { begin, server }: DrainableServer,
  timeoutMs: number,
  answerAll: Effect.Effect<void>
): Drain["Service"] => {
  const closed = Effect.callback<void>((resume) => {
    // In this phase of the event loop all has been read that had arrived: such a request is in flight, and not lost.
    setImmediate(() => server.close(() => resume(Effect.void)))
  })
  const close = Effect.sync(() => server.closeAllConnections())
  const cut = Effect.andThen(answerAll, Effect.delay(close, lastAnswersMs))
  const duration = Math.max(0, timeoutMs - lastAnswersMs)
  return {
    begin: Effect.sync(begin),
    finish: Effect.timeoutOrElse(closed, { duration, orElse: () => cut })
  }
}
