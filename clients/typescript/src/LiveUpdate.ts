import type { ByeEvent, LiveEvent, ResetEvent } from "../../../src/domain/live/LiveEvent.ts"
import type { Topic } from "../../../src/domain/live/Topic.ts"

/** Subject of live updates: `pool`, `network`, `blocks`, `board`, `miner:{address}` or `me`. */
export type LiveTopic = Topic

/** State of the topics, by topic. It replaces everything that came before. */
export interface LiveSnapshot {
  readonly type: "snapshot"
  readonly state: Readonly<Record<string, unknown>>
  readonly cursor: string
}

/** A snapshot, or an event after it. */
export type LiveUpdate = LiveSnapshot | Exclude<LiveEvent, typeof ResetEvent.Type | typeof ByeEvent.Type>
