import { DateTime, Predicate } from "effect"
import { STATUS_CODES } from "node:http"
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import { Socket } from "node:net"
import type { Duplex } from "node:stream"
import { failures } from "./Errors.ts"
import type { Code } from "./Errors.ts"
import { Arrival } from "./gate/Arrival.ts"

/** Response sent from here, for the access log. */
export interface ParserAnswer {
  readonly requestId: string
  readonly status: number
  readonly bytes: number
  readonly peer: string | undefined
  /** Undefined if its head could not be read. */
  readonly request: IncomingMessage | undefined
}

export interface ParserErrorOptions {
  /** What every response carries. */
  readonly headers: Readonly<Record<string, string>>
  /** In milliseconds since 1970. */
  readonly now: () => number
  readonly onAnswer: (answer: ParserAnswer) => void
}

/** The last request of a connection whose head the parser accepted. */
interface Exchange {
  request: IncomingMessage
  /** Cleared once sent, so an idle connection keeps no response in memory. */
  response: ServerResponse | undefined
  /** Response to the previous request, which is sent first. */
  previous: ServerResponse | undefined
}

/** Milliseconds the peer has to read the response after our end of the connection is closed. */
const closeGrace = 500

const codeOf = (error: Error): Code => {
  const code = Predicate.hasProperty(error, "code") ? error.code : undefined
  if (code === "HPE_HEADER_OVERFLOW") return "HEADERS_TOO_LARGE"
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return "REQUEST_TIMEOUT"
  return "BAD_REQUEST"
}

/** Whether the bytes that the parser refused begin with a HEAD request, whose response has no body. */
const isHead = (error: Error): boolean =>
  Predicate.hasProperty(error, "rawPacket") &&
  error.rawPacket instanceof Uint8Array &&
  Buffer.from(error.rawPacket.subarray(0, 5)).toString("latin1") === "HEAD "

const whenSent = (response: ServerResponse | undefined, then: () => void): void =>
  response === undefined || response.writableFinished || response.destroyed ? then() : void response.once("close", then)

/** Ends a connection with these last words, if the peer still listens; what it goes on sending is not read for long. */
const end = (socket: Duplex, words?: string): void => {
  if (!socket.writable) return void socket.destroy()
  socket.end(words)
  AbortSignal.timeout(closeGrace).addEventListener("abort", () => socket.destroy())
}

const peerOf = (socket: Duplex): string | undefined => (socket instanceof Socket ? socket.remoteAddress : undefined)

/** Records each request whose head the parser accepted. */
export type NoteArrival = (request: IncomingMessage, response: ServerResponse) => void

/**
 * Answers requests that Node's parser rejects or would answer itself, which never reach the router. They get the
 * default error shape with a new request id (contract section 4), and the connection closes.
 */
export const answerParserErrors = (server: Server, { headers, now, onAnswer }: ParserErrorOptions): NoteArrival => {
  const exchanges = new WeakMap<Duplex, Exchange>()
  const refused = new WeakSet<Duplex>()

  const answerOf = (code: Code, isBodiless: boolean, more: Readonly<Record<string, string>> = {}) => {
    const { detail, status } = failures[code]
    const body = JSON.stringify({ detail })
    const requestId = crypto.randomUUID()
    const own = {
      "x-request-id": requestId,
      date: DateTime.toDate(DateTime.makeUnsafe(now())).toUTCString(),
      "content-type": "application/json",
      "content-length": String(body.length),
      connection: "close"
    }
    const all = { ...headers, ...more, ...own }
    return { status, requestId, headers: all, body: isBodiless ? "" : body, bytes: body.length }
  }
  type Answer = ReturnType<typeof answerOf>

  const send = (socket: Duplex, { body, headers, status }: Answer): void => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    end(socket, `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`)
  }

  /** Answers what the edge never sees, so that it is logged here. */
  const refuseUnseen = (socket: Duplex, answer: Answer, request?: IncomingMessage): void => {
    if (!socket.writable) return end(socket)
    onAnswer({ ...answer, peer: peerOf(socket), request })
    send(socket, answer)
  }

  /** Answers in place of the edge, which logs this response when the connection closes. */
  const refuseInFlight = (socket: Duplex, answer: Answer, { request, response }: Exchange): void => {
    if (response === undefined || response.headersSent) return whenSent(response, () => end(socket))
    if (request instanceof Arrival) request.parserAnswer = answer
    send(socket, answer)
  }

  const note: NoteArrival = (request, response) => {
    const exchange: Exchange = { request, response, previous: exchanges.get(request.socket)?.response }
    exchanges.set(request.socket, exchange)
    exchange.previous?.once("close", () => (exchange.previous = undefined))
    response.once("close", () => (exchange.response = undefined))
  }

  server.on("clientError", (error: Error, socket: Duplex) => {
    if (refused.has(socket)) return
    refused.add(socket)
    const isSilent = socket instanceof Socket && socket.bytesRead === 0
    if (isSilent || ("code" in error && error.code === "ECONNRESET")) return void socket.destroy()
    const last = exchanges.get(socket)
    const answer = answerOf(codeOf(error), isHead(error))
    // Malformed bytes after a complete request are answered after it; in its body, in place of it.
    if (last === undefined || last.request.complete) whenSent(last?.response, () => refuseUnseen(socket, answer))
    else whenSent(last.previous, () => refuseInFlight(socket, answer, last))
  })

  server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) => {
    note(request, response)
    const answer = answerOf("EXPECTATION_FAILED", request.method === "HEAD")
    onAnswer({ ...answer, peer: peerOf(request.socket), request })
    response.writeHead(answer.status, answer.headers).end(answer.body)
  })

  server.on("connect", (request: IncomingMessage, socket: Duplex) => {
    // Node no longer handles the socket, so its errors and tunnel data must be discarded here.
    socket.on("error", () => {}).resume()
    const answer = answerOf("METHOD_NOT_ALLOWED", false, { allow: "GET, HEAD, OPTIONS" })
    whenSent(exchanges.get(socket)?.response, () => refuseUnseen(socket, answer, request))
  })
  return note
}
