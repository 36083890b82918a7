import { Duration, Effect, Metric, MutableRef, Record, Schedule, Schema, Scope } from "effect"
import { SqlClient } from "effect/sql"
import type { QuarantineReason } from "../../domain/mining/Event.ts"
import { shareStream, streams } from "../../domain/mining/StreamEntry.ts"
import { Board } from "../../domain/weeks/Board.ts"
import { observeCounter, observeGauge } from "../../metrics/Observed.ts"
import { boundaries } from "../../metrics/Outcome.ts"
import { inBackground } from "../Background.ts"
import { MiningStatus } from "./MiningStatus.ts"

const batchEntries = Metric.histogram("tbg_mining_batch_entries", {
  description: "Stream entries per commit of the projection",
  boundaries: [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000]
})
const batchDuration = Metric.histogram("tbg_mining_batch_duration_seconds", {
  description: "Commits of the projection",
  boundaries
})

/** Exports the series of batches before the first batch. */
export const beginBatches = Effect.all([Metric.value(batchEntries), Metric.value(batchDuration)], { discard: true })

/** Measures a commit of a number of entries, unless it fails. */
export const measureBatch =
  (entries: number) =>
  <A, E, R>(commit: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.gen(function* () {
      const [duration, result] = yield* Effect.timed(commit)
      yield* Metric.update(batchEntries, entries)
      yield* Metric.update(batchDuration, Duration.toSeconds(duration))
      return result
    })

/** Counters of `mining_counters`, by name, and the label of their series. */
const counters: Readonly<
  Record<string, { readonly id: string; readonly label?: string; readonly description: string }>
> = {
  events: { id: "tbg_mining_events_total", label: "type", description: "Stream entries processed" },
  skipped: { id: "tbg_mining_skipped_total", label: "reason", description: "Entries and keys skipped" },
  duplicates: { id: "tbg_mining_duplicates_total", description: "Shares not counted because they are copies" },
  quarantined: { id: "tbg_mining_quarantined_total", label: "reason", description: "Events refused" },
  refills: { id: "tbg_mining_refills_total", label: "reason", description: "Gaps between streams and positions" },
  refilled: { id: "tbg_mining_refilled_shares_total", description: "Shares counted from the table shares" },
  amendments: { id: "tbg_board_amendments_total", label: "board", description: "Amendments of final weeks" },
  lost: { id: "tbg_mining_lost_total", label: "stream", description: "Gaps of streams that have no archive" }
}

/** A record, so that a missing reason is a type error. */
const quarantineReasons = Record.keys({
  bad_json: true,
  bad_text: true,
  bad_address: true,
  bad_name: true,
  bad_difficulty: true,
  bad_height: true,
  bad_time: true,
  duplicate_key: true,
  in_future: true,
  misattributed: true,
  oversized: true,
  refused_by_database: true,
  too_old: true,
  wrong_network: true
} satisfies { readonly [Reason in QuarantineReason]: true })

/** Counters and labels that begin at 0, so that the first event is an increase. */
const initial: ReadonlyArray<readonly [name: string, label: string]> = [
  ...streams.map((stream) => ["events", stream.slice("mining:".length)] as const),
  ...streams.filter((stream) => stream !== shareStream).map((stream) => ["lost", stream] as const),
  ...quarantineReasons.map((reason) => ["quarantined", reason] as const),
  ...["unknown_type", "wrong_key_type", "archived"].map((reason) => ["skipped", reason] as const),
  ...["trimmed", "reset"].map((reason) => ["refills", reason] as const),
  ...Board.literals.map((board) => ["amendments", board] as const),
  ["refilled", ""],
  ["duplicates", ""]
]

const gauges = {
  leader: Metric.gauge("tbg_mining_leader", { description: "1 while this process leads the projection" }),
  led: Metric.gauge("tbg_mining_led", { description: "1 while any process leads the projection" }),
  lag: Metric.gauge("tbg_mining_lag_seconds", { description: "Age of the oldest unprocessed stream entry" }),
  gaps: Metric.gauge("tbg_mining_open_gaps", { description: "Gaps that are not refilled yet" })
}

const Counters = Schema.Array(Schema.Struct({ name: Schema.String, label: Schema.String, value: Schema.Number }))
const decodeCounters = Schema.decodeUnknownEffect(Counters)
const decodeGaps = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ gaps: Schema.Number })]))

const interval = "5 seconds"

/**
 * Exports the state of the projection, read from the database every 5 seconds, for the life of the scope. Every process
 * exports the same values, so that the others report a dead leader. A figure that cannot be read keeps its value.
 */
export const observeProjection = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { current } = yield* MiningStatus
  const scope = yield* Scope.Scope
  const values = MutableRef.make<ReadonlyMap<string, number>>(new Map(initial.map((key) => [key.join(" "), 0])))
  const valueOf = (key: string) => () => MutableRef.get(values).get(key) ?? 0

  const register = (key: string, name: string, label: string) => {
    const counter = counters[name]
    if (counter === undefined) return Effect.void
    const { description, id } = counter
    const attributes = counter.label === undefined ? {} : { [counter.label]: label }
    return observeCounter(Metric.counter(id, { description, incremental: true, attributes }), valueOf(key))
  }

  const read = Effect.gen(function* () {
    const { is_led, lag_ms, leader } = yield* current
    const rows = yield* sql`SELECT name, label, value::double precision AS value FROM tbg_api.mining_counters`
    const open = yield* sql`
      SELECT count(*)::double precision AS gaps FROM tbg_api.mining_gaps WHERE finished_at IS NULL`
    const [{ gaps }] = yield* Effect.orDie(decodeGaps(open))
    const known = MutableRef.get(values)
    const next = new Map([
      ...known,
      ["leader", Number(leader)],
      ["led", Number(is_led)],
      ["lag", (lag_ms ?? 0) / 1000],
      ["gaps", gaps]
    ])
    for (const { label, name, value } of yield* Effect.orDie(decodeCounters(rows))) {
      const key = `${name} ${label}`
      next.set(key, value)
      if (!known.has(key)) yield* Scope.provide(register(key, name, label), scope)
    }
    MutableRef.set(values, next)
  })

  yield* Effect.forEach(initial, ([name, label]) => register(`${name} ${label}`, name, label))
  yield* observeGauge(gauges.leader, valueOf("leader"))
  yield* observeGauge(gauges.led, valueOf("led"))
  yield* observeGauge(gauges.lag, valueOf("lag"))
  yield* observeGauge(gauges.gaps, valueOf("gaps"))
  yield* inBackground(Effect.repeat(Effect.ignore(read), Schedule.spaced(interval)))
})
