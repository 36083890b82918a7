/** Entry of a stream of the mining engine. Fields keep their order, and may repeat. */
export interface StreamEntry {
  /** Key of the stream, such as `mining:share_submitted`. */
  readonly stream: string
  /** `milliseconds-sequence`, as Redis assigns it. */
  readonly id: string
  readonly fields: ReadonlyArray<readonly [name: string, value: string]>
}

/** State of a stream after a read: entries after the position, in order, and the ids at both ends of the stream. */
export interface StreamState {
  readonly stream: string
  readonly entries: ReadonlyArray<StreamEntry>
  /** `undefined` for an empty or missing stream. */
  readonly oldest: string | undefined
  readonly newest: string | undefined
  readonly isWrongType: boolean
}

export const shareStream = "mining:share_submitted"

/** Streams that the projection reads. */
export const streams: ReadonlyArray<string> = [
  shareStream,
  "mining:share_best_diff",
  "mining:block_found",
  "mining:new_block_network",
  "mining:miner_connected",
  "mining:miner_disconnected",
  "mining:asicboost_detected",
  "mining:hashrate_update",
  "mining:diff_updated"
]

/** Position before the first entry of any stream. */
export const startOfStream = "0-0"

const partsOf = (id: string): readonly [milliseconds: number, sequence: number] => {
  const [milliseconds = "0", sequence = "0"] = id.split("-")
  return [Number(milliseconds), Number(sequence)]
}

/** Time of arrival in microseconds since 1970. */
export const arrivalOf = (id: string): number => partsOf(id)[0] * 1000

/** Negative if `a` is before `b`, and 0 if they are equal. */
export const compareIds = (a: string, b: string): number => {
  const [milliseconds, sequence] = partsOf(a)
  const [otherMilliseconds, otherSequence] = partsOf(b)
  return milliseconds - otherMilliseconds || sequence - otherSequence
}
