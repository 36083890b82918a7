import { Context, Effect, Layer } from "effect"
import { Cluster } from "ioredis"
import type { DependencyDown } from "../../domain/Dependency.ts"
import type { StreamEntry, StreamState } from "../../domain/mining/StreamEntry.ts"
import { startOfStream } from "../../domain/mining/StreamEntry.ts"
import { AppConfig } from "../AppConfig.ts"
import { makeRedisClient } from "../redis/Client.ts"
import type { RedisClient } from "../redis/Client.ts"
import { redisDown } from "../redis/Fault.ts"

/** Maximum time for a command, after which Redis counts as frozen. */
const timeoutMs = 1500

type RedisEntry = readonly [id: string, fields: ReadonlyArray<string>]

const entryOf = (stream: string, [id, fields]: RedisEntry): StreamEntry => {
  const pairs: Array<readonly [string, string]> = []
  for (let index = 0; index + 1 < fields.length; index += 2) pairs.push([fields[index] ?? "", fields[index + 1] ?? ""])
  return { stream, id, fields: pairs }
}

const isWrongType = (error: unknown): boolean => error instanceof Error && error.message.startsWith("WRONGTYPE")

/** Reads a stream, then its ends: an entry between the two reads only makes it look longer. */
const readStream = async (
  client: RedisClient,
  stream: string,
  position: string,
  limit: number
): Promise<StreamState> => {
  try {
    const [entries, [oldest], [newest]] = await Promise.all([
      client.xrange(stream, `(${position}`, "+", "COUNT", limit),
      client.xrange(stream, "-", "+", "COUNT", 1),
      client.xrevrange(stream, "+", "-", "COUNT", 1)
    ])
    return {
      stream,
      entries: entries.map((entry) => entryOf(stream, entry)),
      oldest: oldest?.[0],
      newest: newest?.[0],
      isWrongType: false
    }
  } catch (error) {
    if (!isWrongType(error)) throw error
    return { stream, entries: [], oldest: undefined, newest: undefined, isWrongType: true }
  }
}

/**
 * Streams of `TBG_MINING_REDIS_URL`, over a connection of their own (one per node of a Cluster) that reconnects by
 * itself. Each stream is read alone, because they may be on different nodes, and because a key that is not a stream must
 * not hide the others. Nothing blocks in Redis, so a lost connection loses no entry.
 */
export class RedisStreams extends Context.Service<
  RedisStreams,
  {
    /** Reads at most `limit` entries of each stream after its position; `undefined` without a server. */
    readonly read:
      | ((
          streams: ReadonlyArray<string>,
          positions: ReadonlyMap<string, string>,
          limit: number
        ) => Effect.Effect<ReadonlyArray<StreamState>, DependencyDown>)
      | undefined
  }
>()("tbg-api/layers/mining/RedisStreams") {
  static readonly layer = Layer.effect(
    RedisStreams,
    Effect.gen(function* () {
      const { mining } = yield* AppConfig
      if (mining.redis._tag === "Embedded") return { read: undefined }
      const client = makeRedisClient(mining.redis, timeoutMs)
      // Each read fails with the reason; the event would only repeat it.
      client.on("error", () => {})
      if (client instanceof Cluster) client.on("+node", (node) => node.on("error", () => {}))
      // The first read waits for the outcome of the first attempt to connect.
      const connected = yield* Effect.acquireRelease(
        Effect.sync(() => client.connect().catch(() => {})),
        () => Effect.sync(() => client.disconnect())
      )
      return {
        read: (streams, positions, limit) =>
          Effect.tryPromise({
            try: async () => {
              await connected
              return await Promise.all(
                streams.map((stream) => readStream(client, stream, positions.get(stream) ?? startOfStream, limit))
              )
            },
            catch: redisDown
          })
      }
    })
  )
}
