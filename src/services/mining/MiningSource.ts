import { Clock, Context, Effect, Layer, Ref } from "effect"
import type { DependencyDown } from "../../domain/Dependency.ts"
import { compareIds } from "../../domain/mining/StreamEntry.ts"
import type { StreamEntry, StreamState } from "../../domain/mining/StreamEntry.ts"

/** Last entry that was read of each stream. */
export type Positions = ReadonlyMap<string, string>

/** Reads at most `limit` entries of each stream after its position, and the ends of the stream. */
export type ReadStreams = (
  streams: ReadonlyArray<string>,
  positions: Positions,
  limit: number
) => Effect.Effect<ReadonlyArray<StreamState>, DependencyDown>

/** Streams of the mining engine. */
export class MiningSource extends Context.Service<MiningSource, { readonly read: ReadStreams }>()(
  "tbg-api/services/mining/MiningSource"
) {
  static readonly layer = (read: ReadStreams) => Layer.succeed(MiningSource, { read })
}

/** Maximum number of entries of a stream in memory, as the collector limits its streams. */
const maxEntries = 100_000

/** Streams in this process, for the embedded mode, which has no Redis. */
export class MiningStreams extends Context.Service<
  MiningStreams,
  {
    /** Appends an entry and returns its id. */
    readonly append: (stream: string, fields: StreamEntry["fields"]) => Effect.Effect<string>
    readonly read: ReadStreams
  }
>()("tbg-api/services/mining/MiningStreams") {
  static readonly layer = Layer.effect(
    MiningStreams,
    Effect.gen(function* () {
      const streams = yield* Ref.make<ReadonlyMap<string, Array<StreamEntry>>>(new Map())

      const append = Effect.fnUntraced(function* (stream: string, fields: StreamEntry["fields"]) {
        const now = yield* Clock.currentTimeMillis
        return yield* Ref.modify(streams, (all) => {
          const entries = all.get(stream) ?? []
          const newest = entries.at(-1)?.id
          const next = `${now}-0`
          const id = newest !== undefined && compareIds(next, newest) <= 0 ? successorOf(newest) : next
          entries.push({ stream, id, fields })
          if (entries.length > 2 * maxEntries) entries.splice(0, entries.length - maxEntries)
          return [id, all.has(stream) ? all : new Map([...all, [stream, entries]])]
        })
      })

      const read: ReadStreams = (names, positions, limit) =>
        Effect.map(Ref.get(streams), (all) =>
          names.map((stream) => {
            const entries = all.get(stream) ?? []
            const start = indexAfter(entries, positions.get(stream) ?? "0-0")
            return {
              stream,
              entries: entries.slice(start, start + limit),
              oldest: entries[0]?.id,
              newest: entries.at(-1)?.id,
              isWrongType: false
            }
          })
        )

      return { append, read }
    })
  )
}

const successorOf = (id: string): string => {
  const [milliseconds = "0", sequence = "0"] = id.split("-")
  return `${milliseconds}-${Number(sequence) + 1}`
}

/** Index of the first entry after an id, by binary search. */
const indexAfter = (entries: ReadonlyArray<StreamEntry>, id: string): number => {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const entry = entries[middle]
    if (entry !== undefined && compareIds(entry.id, id) > 0) high = middle
    else low = middle + 1
  }
  return low
}
