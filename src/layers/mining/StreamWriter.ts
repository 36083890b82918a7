import { Effect } from "effect"
import type { Scope } from "effect"
import type { DependencyDown } from "../../domain/Dependency.ts"
import type { RedisTarget } from "../config/RedisTarget.ts"
import { makeRedisClient } from "../redis/Client.ts"
import { redisDown } from "../redis/Fault.ts"

/** Approximate length at which the collector trims a stream. */
const maxLength = 100_000
const timeoutMs = 2000

interface NewEntry {
  readonly stream: string
  readonly fields: Readonly<Record<string, string>>
}

/** Appends to Redis Streams as the collector does. */
export interface StreamWriter {
  /** Appends the entries in order, in one pipeline for each server. After a failure an unknown part is appended. */
  readonly append: (entries: ReadonlyArray<NewEntry>) => Effect.Effect<void, DependencyDown>
}

/** Connects to Redis for the lifetime of the scope; fails if it is unavailable. */
export const makeStreamWriter = Effect.fnUntraced(function* (
  target: Exclude<RedisTarget, { readonly _tag: "Embedded" }>
): Effect.fn.Return<StreamWriter, DependencyDown, Scope.Scope> {
  const client = makeRedisClient(target, timeoutMs)
  // Failures reach the caller of each command.
  client.on("error", () => {})
  yield* Effect.acquireRelease(Effect.tryPromise({ try: () => client.connect(), catch: redisDown }), () =>
    Effect.sync(() => client.disconnect())
  )
  return {
    append: (entries) =>
      Effect.tryPromise({
        // Commands that are sent without waiting share one write and keep their order.
        try: () =>
          Promise.all(
            entries.map(({ fields, stream }) =>
              client.xadd(stream, "MAXLEN", "~", maxLength, "*", ...Object.entries(fields).flat())
            )
          ),
        catch: redisDown
      })
  }
})
