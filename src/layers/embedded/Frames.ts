/** The Postgres protocol as far as the embedded database needs it: where frames end, and a few of their kinds. */

const kinds = {
  close: 0x43,
  flush: 0x48,
  notification: 0x41,
  parse: 0x50,
  query: 0x51,
  ready: 0x5a,
  sync: 0x53,
  terminate: 0x58
} as const

interface Frame {
  readonly kind: number
  readonly start: number
  readonly end: number
}

const wholeFrames = function* (bytes: Buffer): Generator<Frame> {
  let start = 0
  while (start + 5 <= bytes.length) {
    const end = start + 1 + bytes.readInt32BE(start + 1)
    if (end > bytes.length) return
    yield { kind: bytes.readUInt8(start), start, end }
    start = end
  }
}

const textAt = (bytes: Buffer, at: number) => bytes.toString("utf8", at, bytes.indexOf(0, at))

export interface Cycles {
  /** Whole cycles, each up to its Sync, Query or Flush; empty while none is complete. */
  readonly bytes: Buffer
  readonly rest: Buffer
  /** The last cycle ends in Flush: the server stays in the middle of a conversation, and answers no ReadyForQuery. */
  readonly open: boolean
  readonly terminated: boolean
  /** In order: the names of statements that these cycles prepare (`true`) or close (`false`). */
  readonly statements: ReadonlyArray<readonly [name: string, prepared: boolean]>
}

/** Parts what a client has sent so far into whole cycles and the rest. */
export const takeCycles = (sent: Buffer): Cycles => {
  const statements: Array<readonly [string, boolean]> = []
  let end = 0
  let open = false
  let terminated = false
  for (const frame of wholeFrames(sent)) {
    if (frame.kind === kinds.terminate) {
      terminated = true
      break
    }
    if (frame.kind === kinds.parse) statements.push([textAt(sent, frame.start + 5), true])
    if (frame.kind === kinds.close && sent[frame.start + 5] === kinds.sync) {
      statements.push([textAt(sent, frame.start + 6), false])
    }
    if (frame.kind === kinds.sync || frame.kind === kinds.query || frame.kind === kinds.flush) {
      end = frame.end
      open = frame.kind === kinds.flush
    }
  }
  return { bytes: sent.subarray(0, end), rest: sent.subarray(end), open, terminated, statements }
}

export interface Answer {
  /** Of the last ReadyForQuery: `I` idle, `T` in a transaction, `E` in a failed one; none after a Flush. */
  readonly status: string | undefined
  readonly notifications: ReadonlyArray<Buffer>
}

export const readAnswer = (answer: Buffer): Answer => {
  const notifications: Array<Buffer> = []
  let status: string | undefined
  for (const { kind, start, end } of wholeFrames(answer)) {
    if (kind === kinds.ready) status = answer.toString("latin1", start + 5, start + 6)
    if (kind === kinds.notification) notifications.push(answer.subarray(start, end))
  }
  return { status, notifications }
}

const frame = (kind: number, body: string): Buffer => {
  const bytes = Buffer.alloc(5 + Buffer.byteLength(body))
  bytes.writeUInt8(kind, 0)
  bytes.writeInt32BE(bytes.length - 1, 1)
  bytes.write(body, 5)
  return bytes
}

export const queryFrame = (sql: string): Buffer => frame(kinds.query, `${sql}\0`)

export const syncFrame = frame(kinds.sync, "")

export const closeFrame = (statement: string): Buffer => frame(kinds.close, `S${statement}\0`)
