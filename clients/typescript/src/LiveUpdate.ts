import type { Effect } from "effect"
import type { ByeEvent, LiveEvent, ResetEvent } from "../../../src/domain/live/LiveEvent.ts"
import type { Topic } from "../../../src/domain/live/Topic.ts"
import type { Calls } from "./Endpoint.ts"

/** Subject of live updates: `pool`, `network`, `blocks`, `board`, `miner:{address}` or `me`. */
export type LiveTopic = Topic

/** State of the topics, by topic. It replaces everything that came before. */
export type SnapshotUpdate = { readonly type: "snapshot" } & Effect.Success<ReturnType<Calls["Live"]["snapshot"]>>

/** A snapshot, or an event after it. */
export type LiveUpdate = SnapshotUpdate | Exclude<LiveEvent, typeof ResetEvent.Type | typeof ByeEvent.Type>
