import { DateTime, Predicate } from "effect"
import { STATUS_CODES } from "node:http"
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import { Socket } from "node:net"
import type { Duplex } from "node:stream"
import { whenDone } from "./Connections.ts"
import type { Connections } from "./Connections.ts"
import { failures } from "./ErrorCodes.ts"
import type { Code } from "./ErrorCodes.ts"
import type { UnroutedResponse } from "./Unrouted.ts"

export interface ParserErrorOptions {
  readonly connections: Connections
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly log: (response: UnroutedResponse) => void
}

/** Milliseconds that a peer has to read the response after the last byte is written. */
const closeGraceMs = 500

const codeOf = (error: Error): Code => {
  const code = Predicate.hasProperty(error, "code") ? error.code : undefined
  if (code === "HPE_HEADER_OVERFLOW") return "HEADERS_TOO_LARGE"
  return code === "ERR_HTTP_REQUEST_TIMEOUT" ? "REQUEST_TIMEOUT" : "BAD_REQUEST"
}

/** Whether the rejected bytes begin with a HEAD request, whose response has no body. */
const isHead = (error: Error): boolean =>
  Predicate.hasProperty(error, "rawPacket") &&
  error.rawPacket instanceof Uint8Array &&
  Buffer.from(error.rawPacket.subarray(0, 5)).toString("latin1") === "HEAD "

const endConnection = (socket: Duplex, bytes?: string): void => {
  if (!socket.writable) return void socket.destroy()
  socket.end(bytes)
  AbortSignal.timeout(closeGraceMs).addEventListener("abort", () => socket.destroy())
}

const peerOf = (socket: Duplex): string | undefined => (socket instanceof Socket ? socket.remoteAddress : undefined)

/**
 * Responds to requests that Node's parser rejects or that Node would handle itself. They get the default error shape
 * with a new request id (contract section 4), and the connection closes.
 */
export const handleParserErrors = (server: Server, options: ParserErrorOptions): void => {
  const { headers, log, now } = options
  const { lastResponses, track } = options.connections
  const failed = new WeakSet<Duplex>()

  const answerOf = (code: Code, more: Readonly<Record<string, string>> = {}) => {
    const { detail, status } = failures[code]
    const body = JSON.stringify({ detail })
    const requestId = crypto.randomUUID()
    const fields = {
      ...headers,
      ...more,
      "x-request-id": requestId,
      date: DateTime.toDate(DateTime.makeUnsafe(now())).toUTCString(),
      "content-type": "application/json",
      "content-length": String(body.length),
      connection: "close"
    }
    return { status, requestId, fields, body, bytes: body.length }
  }
  type Answer = ReturnType<typeof answerOf>

  const send = (response: ServerResponse, { body, fields, status }: Answer): void => {
    response
      .setHeaders(new Map(Object.entries(fields)))
      .writeHead(status)
      .end(body)
  }
  /** Writes a response to the socket after the pending response. */
  const rejectRaw = (socket: Duplex, { fields, ...answer }: Answer, isBodiless: boolean, request?: IncomingMessage) => {
    whenDone(lastResponses.get(socket), () => {
      if (!socket.writable) return void socket.destroy()
      log({ ...answer, request, peer: peerOf(socket) })
      const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
      const head = `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}\r\n${lines.join("")}\r\n`
      endConnection(socket, isBodiless ? head : head + answer.body)
    })
  }

  server.on("clientError", (error: Error, socket: Duplex) => {
    if (failed.has(socket)) return
    failed.add(socket)
    const isSilent = socket instanceof Socket && socket.bytesRead === 0
    if (isSilent || ("code" in error && error.code === "ECONNRESET")) return void socket.destroy()
    const last = lastResponses.get(socket)
    const answer = answerOf(codeOf(error))
    if (last === undefined || last.req.complete) rejectRaw(socket, answer, isHead(error))
    else if (!last.headersSent) {
      // When the request ends, the edge logs this response instead of its own. Node does not end the request itself.
      socket.once("close", () => last.req.destroy())
      send(last, answer)
    } else whenDone(last, () => endConnection(socket))
  })
  server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) => {
    track(response)
    const answer = answerOf("EXPECTATION_FAILED")
    log({ ...answer, request, peer: peerOf(request.socket) })
    send(response, answer)
  })
  server.on("connect", (request: IncomingMessage, socket: Duplex) => {
    // Node no longer handles the socket, so its errors and tunnel data are discarded here.
    socket.on("error", () => {}).resume()
    rejectRaw(socket, answerOf("METHOD_NOT_ALLOWED", { allow: "GET, HEAD, OPTIONS" }), false, request)
  })
}
