import { Effect, Tracer } from "effect"

/**
 * Adds a span to each call of a service method if tracing is on. `Effect.fn` records the caller's stack even if it is
 * off, which takes 6 % of the CPU time of a list.
 */
export const traced =
  <Args extends ReadonlyArray<unknown>, A, E, R>(
    name: string,
    method: (...args: Args) => Effect.Effect<A, E, R>
  ): ((...args: Args) => Effect.Effect<A, E, R>) =>
  (...args) =>
    Effect.flatMap(Effect.tracer, (tracer) =>
      tracer === Tracer.nativeTracer
        ? method(...args)
        : Effect.withSpan(method(...args), name, { captureStackTrace: false })
    )
