import { connect } from "node:net"
import { Effect } from "effect"

/** A response as received. */
export interface RawAnswer {
  readonly status: number
  /** Headers by lower-case name; repeated ones are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const hasNoBody = (status: number): boolean => status < 200 || status === 204 || status === 304

const headersOf = (lines: ReadonlyArray<string>): Record<string, string> => {
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(":")
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`
  }
  return headers
}

/** Responses in a connection's bytes, and the rest, which is empty once the connection has ended. */
const answersIn = (
  text: string,
  isHead: boolean
): { readonly answers: ReadonlyArray<RawAnswer>; readonly rest: string } => {
  const answers: Array<RawAnswer> = []
  let rest = text
  for (;;) {
    const end = rest.indexOf("\r\n\r\n")
    if (end === -1) return { answers, rest }
    const [statusLine = "", ...lines] = rest.slice(0, end).split("\r\n")
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1])
    const headers = headersOf(lines)
    const length = hasNoBody(status) || isHead ? 0 : Number(headers["content-length"] ?? Number.NaN)
    const begin = end + 4
    // A response without a length is never valid here; it stays in the rest.
    if (!(rest.length >= begin + length)) return { answers, rest }
    answers.push({ status, headers, body: rest.slice(begin, begin + length) })
    rest = rest.slice(begin + length)
  }
}

/**
 * Sends bytes (one per character) and returns the responses until the server closes the connection. Each of `later` is
 * sent after one more response.
 */
export const answersTo = (port: number, first: string, ...later: ReadonlyArray<string>) =>
  answersFrom("127.0.0.1", port, first, later)

/** Like `answersTo`, from a given local address. */
const answersFrom = (localAddress: string, port: number, first: string, later: ReadonlyArray<string>) =>
  Effect.callback<ReadonlyArray<RawAnswer>>((resume) => {
    const isHead = first.startsWith("HEAD ")
    const socket = connect({ port, host: "127.0.0.1", localAddress, allowHalfOpen: true })
    let text = ""
    let sent = 0
    socket.on("data", (bytes) => {
      text += bytes.toString("latin1")
      const arrived = answersIn(text, isHead).answers.length
      for (; sent < Math.min(arrived, later.length); sent++) socket.write(later[sent] ?? "", "latin1")
    })
    socket.on("end", () => {
      const { answers, rest } = answersIn(text, isHead)
      socket.destroy()
      resume(rest === "" ? Effect.succeed(answers) : Effect.die(new Error(`no response: ${JSON.stringify(rest)}`)))
    })
    socket.on("error", (error) => resume(Effect.die(error)))
    socket.write(first, "latin1")
    return Effect.sync(() => socket.destroy())
  })

/** The only response before the server closes the connection; more or fewer are a defect. */
export const answerTo = (port: number, bytes: string, localAddress = "127.0.0.1"): Effect.Effect<RawAnswer> =>
  Effect.flatMap(answersFrom(localAddress, port, bytes, []), ([answer, ...others]) =>
    answer === undefined || others.length > 0
      ? Effect.die(new Error(`${others.length + (answer === undefined ? 0 : 1)} answers`))
      : Effect.succeed(answer)
  )

/** A request in bytes; the connection ends after it unless `keepAlive`. */
export const request = (
  target: string,
  options: {
    readonly method?: string
    readonly headers?: Readonly<Record<string, string | undefined>>
    readonly body?: string
    readonly keepAlive?: boolean
  } = {}
): string => {
  const { body, headers = {}, keepAlive = false, method = "GET" } = options
  const all = {
    Host: "localhost",
    Connection: keepAlive ? "keep-alive" : "close",
    ...(body === undefined ? {} : { "Content-Type": "application/json", "Content-Length": String(body.length) }),
    ...headers
  }
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}\r\n`]))
  return `${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n${body ?? ""}`
}
