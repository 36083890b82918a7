import { Effect, Metric, Record } from "effect"
import { constVoid } from "effect/Function"

const observe = <State>(metric: Metric.Metric<number, State>, get: () => State) =>
  Effect.flatMap(Effect.context(), (context) =>
    Effect.acquireRelease(
      Effect.sync(() => Metric.registerUnsafe(metric, context, { get, update: constVoid, modify: constVoid })),
      ({ remove }) => Effect.sync(remove)
    )
  )

type Gauge = Metric.Metric<number, Metric.GaugeState<number>>

/** Registers a gauge for the life of the scope; `read` is called at each scrape. */
export const observeGauge = (metric: Gauge, read: () => number) => observe(metric, () => ({ value: read() }))

/** The same for a counter. */
export const observeCounter = (metric: Metric.Metric<number, Metric.CounterState<number>>, read: () => number) =>
  observe(metric, () => ({ count: read(), incremental: true }))

/** The same for several gauges, which `read` returns by name. */
export const observeGauges = <Name extends string>(
  gauges: Readonly<Record<Name, Gauge>>,
  read: () => Readonly<Record<NoInfer<Name>, number>>
) => Effect.forEach(Record.keys(gauges), (name) => observeGauge(gauges[name], () => read()[name]), { discard: true })

/** Calls `read` once for all series of a scrape, which are read synchronously. */
export const oncePerScrape = <A>(read: () => A): (() => A) => {
  let last: { readonly reading: A } | undefined
  return () => {
    if (last === undefined) {
      last = { reading: read() }
      queueMicrotask(() => {
        last = undefined
      })
    }
    return last.reading
  }
}
