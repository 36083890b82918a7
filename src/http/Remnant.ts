import type { IncomingMessage } from "node:http"

/** What is known of a request that never reaches the router: as much of it as arrived and could be made out. */
export interface Remnant {
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string | undefined>>
}

const decoder = new TextDecoder("latin1")

/**
 * The request line and the headers in bytes that the parser refused at the offset `end`. They may begin with requests
 * that it took: what the blank line before that offset ends is theirs, and what the one after it ends is nobody's.
 */
export const remnantOfBytes = (bytes: Uint8Array | undefined, end = 0): Remnant => {
  const text = decoder.decode(bytes)
  const blank = end < 4 ? -1 : text.lastIndexOf("\r\n\r\n", end - 4)
  const [head = ""] = text.slice(blank === -1 ? 0 : blank + 4).split("\r\n\r\n", 1)
  const [requestLine = "", ...lines] = head.split("\r\n")
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const [, name, value] = /^([A-Za-z-]+):[ \t]*([\x20-\x7E]*)$/.exec(line) ?? []
    if (name !== undefined && value !== undefined) headers[name.toLowerCase()] ??= value.trimEnd()
  }
  const [, method = "", target = "/"] = /^([A-Z]+) (?:(\/[\x21-\x7E]*) )?/.exec(requestLine) ?? []
  return { method, target, headers }
}

/** The same of a request whose head the parser took. */
export const remnantOfRequest = ({ headers, method = "", url = "/" }: IncomingMessage): Remnant => ({
  method,
  target: url,
  headers: Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value])
  )
})
