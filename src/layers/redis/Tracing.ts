import { Effect } from "effect"

/** A call of the script, for so many keys, as a span of the trace that it is made in; where there is none, as it is. */
export const traced = <A, E>(keys: number, call: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.withFiber((fiber) =>
    fiber.cache.span === undefined
      ? call
      : Effect.withSpan(call, "EVALSHA", {
          kind: "client",
          attributes: { "db.system.name": "redis", "db.operation.name": "EVALSHA", "db.operation.batch.size": keys }
        })
  )
