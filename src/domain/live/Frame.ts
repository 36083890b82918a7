/** Encoding of `text/event-stream` (HTML standard, 9.2). Data is JSON, which has no line breaks. */
const encoder = new TextEncoder()

/** An event with its id. */
export const eventFrame = (id: string, type: string, data: string): Uint8Array =>
  encoder.encode(`id: ${id}\nevent: ${type}\ndata: ${data}\n\n`)

/** The last event of a stream, with the delay before the client reconnects. */
export const byeFrame = (id: string, data: string, reconnectMs: number): Uint8Array =>
  encoder.encode(`retry: ${reconnectMs}\nid: ${id}\nevent: bye\ndata: ${data}\n\n`)

/** First bytes of a stream: a comment, and the delay before the client reconnects. */
export const helloFrame = (reconnectMs: number): Uint8Array => encoder.encode(`retry: ${reconnectMs}\n:\n\n`)

/**
 * Keeps the connection open, and moves the client's place. Browsers ignore it, because it has no data. Other parsers may
 * report it by its name.
 */
export const heartbeatFrame = (id: string): Uint8Array => encoder.encode(`:\nid: ${id}\nevent: heartbeat\n\n`)
