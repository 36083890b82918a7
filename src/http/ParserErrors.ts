import { Predicate } from "effect"
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { Duplex } from "node:stream"
import { failures } from "./Errors.ts"
import type { Code } from "./Errors.ts"
import type { makeCors } from "./middleware/Cors.ts"
import { errorBody } from "./middleware/ErrorBody.ts"
import { renderingOf } from "./middleware/Negotiation.ts"
import { requestIdOf } from "./middleware/RequestId.ts"

/** What can be known of a request that the parser refused: as much of it as arrived. */
interface Remnant {
  readonly target: string
  readonly headers: Readonly<Record<string, string | undefined>>
}

/** The request line and the headers of raw bytes, as far as they can be made out. */
export const remnantOf = (bytes: Uint8Array | undefined): Remnant => {
  const [requestLine = "", ...lines] = new TextDecoder("latin1").decode(bytes).split("\r\n")
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const [, name, value] = /^([A-Za-z-]+):[ \t]*([\x20-\x7E]*)$/.exec(line) ?? []
    if (name !== undefined && value !== undefined) headers[name.toLowerCase()] ??= value.trimEnd()
  }
  return { target: /^[A-Z]+ (\/[\x21-\x7E]*)/.exec(requestLine)?.[1] ?? "/", headers }
}

const codeOf = (error: unknown): Code => {
  const code = Predicate.hasProperty(error, "code") ? error.code : undefined
  if (code === "HPE_HEADER_OVERFLOW") return "HEADERS_TOO_LARGE"
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return "REQUEST_TIMEOUT"
  return "BAD_REQUEST"
}

export interface ParserErrorOptions {
  /** What every response carries. */
  readonly headers: Readonly<Record<string, string>>
  readonly cors: ReturnType<typeof makeCors>
}

/**
 * Answers what Node's parser refuses or answers by itself, which never reaches the router: the same JSON, the same
 * headers and a request id as any other response, and then the end of the connection.
 */
export const answerParserErrors = (server: Server, { cors, headers }: ParserErrorOptions): void => {
  const answer = (code: Code, { headers: request, target }: Remnant, more: Readonly<Record<string, string>> = {}) => {
    const requestId = requestIdOf(request["x-request-id"])
    const path = target.replace(/[?#].*$/, "")
    const { body, contentType } = errorBody(renderingOf(request["accept"], target), { code }, { requestId, path })
    const all = {
      ...headers,
      ...cors.headers(request["origin"]),
      ...more,
      "x-request-id": requestId,
      "content-type": contentType,
      "content-length": String(body.length),
      connection: "close"
    }
    return { status: failures[code].status, headers: all, body }
  }

  const write = (socket: Duplex, { body, headers, status }: ReturnType<typeof answer>): void => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.end(
      `HTTP/1.1 ${status} ${failures.BAD_REQUEST.status === status ? "Bad Request" : "Error"}\r\n${lines.join("")}\r\n${body}`
    )
  }

  server.on("clientError", (error: Error, socket: Duplex) => {
    // The peer is gone, or has an answer already: bytes after that one would be taken for the next.
    const isOpen = socket.writable && !("bytesWritten" in socket && socket.bytesWritten !== 0 && hasUnfinished(socket))
    if (!isOpen || ("code" in error && error.code === "ECONNRESET")) return void socket.destroy()
    const raw = "rawPacket" in error && error.rawPacket instanceof Uint8Array ? error.rawPacket : undefined
    write(socket, answer(codeOf(error), remnantOf(raw)))
  })

  server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) => {
    const { body, headers, status } = answer("EXPECTATION_FAILED", remnantOfRequest(request))
    response.writeHead(status, headers).end(request.method === "HEAD" ? undefined : body)
  })

  server.on("connect", (request: IncomingMessage, socket: Duplex) => {
    write(socket, answer("METHOD_NOT_ALLOWED", remnantOfRequest(request), { allow: "GET, HEAD, OPTIONS" }))
  })
}

const remnantOfRequest = ({ headers, url }: IncomingMessage): Remnant => ({
  target: url ?? "/",
  headers: Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value])
  )
})

/** Whether a response to an earlier request of this connection is still on its way. */
const hasUnfinished = (socket: Duplex): boolean =>
  "_httpMessage" in socket && socket._httpMessage !== null && socket._httpMessage !== undefined
