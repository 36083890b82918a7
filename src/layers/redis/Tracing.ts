import { Effect, Option, Tracer } from "effect"

/** Runs a script call for `keys` keys in a span, if there is a trace. */
export const traced = <A, E>(keys: number, call: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.flatMap(Effect.serviceOption(Tracer.ParentSpan), (parent) =>
    Option.isNone(parent)
      ? call
      : Effect.withSpan(call, "EVALSHA", {
          kind: "client",
          attributes: { "db.system.name": "redis", "db.operation.name": "EVALSHA", "db.operation.batch.size": keys }
        })
  )
