import { DateTime, Predicate } from "effect"
import { STATUS_CODES } from "node:http"
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { Duplex } from "node:stream"
import { failures } from "./Errors.ts"
import type { Code } from "./Errors.ts"
import type { makeCors } from "./middleware/Cors.ts"
import { errorBody } from "./middleware/ErrorBody.ts"
import { renderingOf } from "./middleware/Negotiation.ts"
import { requestIdOf } from "./middleware/RequestId.ts"
import { remnantOfBytes, remnantOfRequest } from "./Remnant.ts"
import type { Remnant } from "./Remnant.ts"

/** One answer of this file, for the access log. */
export interface ParserAnswer {
  readonly requestId: string
  readonly status: number
  readonly bytes: number
  readonly remnant: Remnant
  readonly peer: string | undefined
}

export interface ParserErrorOptions {
  /** What every response carries. */
  readonly headers: Readonly<Record<string, string>>
  readonly cors: ReturnType<typeof makeCors>
  /** In milliseconds since 1970. */
  readonly now: () => number
  readonly onAnswer: (answer: ParserAnswer) => void
}

/**
 * The last request of a connection whose head the parser took; one object for all of them, as each request notes it.
 */
interface Exchange {
  request: IncomingMessage
  /** Until it is sent: what has been is let go of, or an idle connection would keep its last page of posts. */
  response: ServerResponse | undefined
  /** To the request before it, whose response goes first. */
  previous: ServerResponse | undefined
}

/** How long the peer may read the answer after our end of the connection is closed, in milliseconds. */
const closeGrace = 500

const codeOf = (error: Error): Code => {
  const code = Predicate.hasProperty(error, "code") ? error.code : undefined
  if (code === "HPE_HEADER_OVERFLOW") return "HEADERS_TOO_LARGE"
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return "REQUEST_TIMEOUT"
  return "BAD_REQUEST"
}

/** The bytes that the parser refused, and as far as it got in them. */
const remnantOfError = (error: Error): Remnant => {
  const bytes = Predicate.hasProperty(error, "rawPacket") ? error.rawPacket : undefined
  const parsed = Predicate.hasProperty(error, "bytesParsed") ? Number(error.bytesParsed) : 0
  return remnantOfBytes(bytes instanceof Uint8Array ? bytes : undefined, parsed)
}

const whenSent = (response: ServerResponse | undefined, then: () => void): void =>
  response === undefined || response.writableFinished || response.destroyed ? then() : void response.once("close", then)

/** Ends a connection with these last words, if the peer still listens; what it goes on sending is not read for long. */
const end = (socket: Duplex, words?: string): void => {
  if (!socket.writable) return void socket.destroy()
  socket.end(words)
  AbortSignal.timeout(closeGrace).addEventListener("abort", () => socket.destroy())
}

/** To be told of each request whose head the parser took. */
export type NoteArrival = (request: IncomingMessage, response: ServerResponse) => void

/**
 * Answers what Node's parser refuses or answers by itself, which never reaches the router: the same JSON, the same
 * headers and a request id like any other response, and then the end of the connection.
 */
export const answerParserErrors = (
  server: Server,
  { cors, headers, now, onAnswer }: ParserErrorOptions
): NoteArrival => {
  const exchanges = new WeakMap<Duplex, Exchange>()
  const refused = new WeakSet<Duplex>()

  const exchangeOn = (socket: Duplex, request: IncomingMessage): Exchange => {
    const known = exchanges.get(socket)
    if (known !== undefined) return known
    const exchange: Exchange = { request, response: undefined, previous: undefined }
    exchanges.set(socket, exchange)
    return exchange
  }

  const answer = (code: Code, remnant: Remnant, more: Readonly<Record<string, string>> = {}) => {
    const { headers: request, method, target } = remnant
    const requestId = requestIdOf(request["x-request-id"])
    const path = target.replace(/[?#].*$/, "")
    const { body, contentType } = errorBody(renderingOf(request["accept"], target), { code }, { requestId, path })
    const bytes = Buffer.byteLength(body)
    return {
      status: failures[code].status,
      requestId,
      bytes,
      body: method === "HEAD" ? "" : body,
      headers: {
        ...headers,
        ...cors.headers(request["origin"]),
        ...more,
        "x-request-id": requestId,
        date: DateTime.toDate(DateTime.makeUnsafe(now())).toUTCString(),
        "content-type": contentType,
        "content-length": String(bytes),
        connection: "close"
      }
    }
  }

  const refuse = (socket: Duplex, { body, headers, status }: ReturnType<typeof answer>): void => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    end(socket, `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`)
  }

  /** Answers what the edge never sees, so that it is logged here. */
  const refuseUnseen = (
    socket: Duplex,
    code: Code,
    remnant: Remnant,
    more?: Readonly<Record<string, string>>
  ): void => {
    if (!socket.writable) return end(socket)
    const answered = answer(code, remnant, more)
    onAnswer({ ...answered, remnant, peer: peerOf(socket) })
    return refuse(socket, answered)
  }

  const note = (request: IncomingMessage, response: ServerResponse): void => {
    const exchange = exchangeOn(request.socket, request)
    exchange.previous = exchange.response
    exchange.request = request
    exchange.response = response
    response.on("close", () => {
      if (exchange.response === response) exchange.response = undefined
      else if (exchange.previous === response) exchange.previous = undefined
    })
  }
  server.on("clientError", (error: Error, socket: Duplex) => {
    if (refused.has(socket)) return
    refused.add(socket)
    if ("code" in error && error.code === "ECONNRESET") return void socket.destroy()
    const last = exchanges.get(socket)
    // What follows a whole request is answered after it.
    if (last === undefined || last.request.complete) {
      return whenSent(last?.response, () => refuseUnseen(socket, codeOf(error), remnantOfError(error)))
    }
    // What belongs to the body of a request is answered in its stead, or not at all if that has an answer.
    return whenSent(last.previous, () =>
      last.response === undefined || last.response.headersSent
        ? whenSent(last.response, () => end(socket))
        : refuse(socket, answer(codeOf(error), remnantOfRequest(last.request)))
    )
  })

  server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) => {
    note(request, response)
    const remnant = remnantOfRequest(request)
    const answered = answer("EXPECTATION_FAILED", remnant)
    onAnswer({ ...answered, remnant, peer: peerOf(request.socket) })
    response.writeHead(answered.status, answered.headers).end(answered.body)
  })

  server.on("connect", (request: IncomingMessage, socket: Duplex) => {
    // Node has let go of the socket: nobody else hears its errors, or reads what would be tunnelled.
    socket.on("error", () => {}).resume()
    whenSent(exchanges.get(socket)?.response, () =>
      refuseUnseen(socket, "METHOD_NOT_ALLOWED", remnantOfRequest(request), { allow: "GET, HEAD, OPTIONS" })
    )
  })
  return note
}

const peerOf = (socket: Duplex): string | undefined =>
  "remoteAddress" in socket && Predicate.isString(socket.remoteAddress) ? socket.remoteAddress : undefined
