import { Clock, Effect, Option, Ref } from "effect"
import { AppConfig } from "../../layers/AppConfig.ts"
import { MiningStreams } from "../../services/mining/MiningSource.ts"
import { makeDeliveries } from "../../services/mining/simulation/Deliveries.ts"
import { draws } from "../../services/mining/simulation/Draws.ts"
import type { NewEntry } from "../../services/mining/simulation/Event.ts"
import { play } from "../../services/mining/simulation/Play.ts"
import { hasForeignShares, hasShares, insertShares } from "../../services/mining/simulation/SharesTable.ts"
import { makeSimulation } from "../../services/mining/simulation/Simulation.ts"

const seed = "demo"
const miners = 12
/** Shares per second of all demo miners: enough for charts, and few enough to be projected at startup. */
const rate = 0.25

const hour = 3_600_000_000
const historyHours = 24

/** Entries of the history that the projection does not find in the table `shares`. */
const isLasting = ({ stream }: NewEntry): boolean =>
  stream !== "mining:share_submitted" && stream !== "mining:share_best_diff"

const append = (streams: MiningStreams["Service"], entries: ReadonlyArray<NewEntry>) =>
  Effect.forEach(entries, ({ fields, stream }) => streams.append(stream, Object.entries(fields)), { discard: true })

/** Simulated miners of the demo, with the events that precede the live ones. */
const makeMiners = Effect.gen(function* () {
  const { mining } = yield* AppConfig
  const now = (yield* Clock.currentTimeMillis) * 1000
  const start = now - historyHours * hour
  const simulation = yield* makeSimulation({ seed, miners, rate, network: mining.network, start })
  const deliver = makeDeliveries(yield* draws(seed), new Set(), [])
  const lasting: Array<NewEntry> = []
  const isFirstStart = !(yield* hasShares)
  for (let until = start + hour; until <= now; until += hour) {
    const { entries, rows } = deliver(simulation.eventsUntil(until), until)
    lasting.push(...entries.filter(isLasting))
    if (isFirstStart) yield* insertShares(rows)
  }
  return { simulation, deliver, lasting, now }
})

/**
 * Miners that `tbg serve --demo` simulates if Postgres and Redis are embedded, and if no other program has written to
 * `shares`. `prepare` writes a day of history, which the projection reads when it starts. `run` mines until interrupted.
 */
export const makeDemoMiners = Effect.gen(function* () {
  const config = yield* AppConfig
  const prepared = yield* Ref.make(Option.none<Effect.Success<typeof makeMiners>>())
  const prepare = Effect.gen(function* () {
    const { database, migrations, mining } = config
    const isEmbedded = database.target._tag === "Embedded" && mining.redis._tag === "Embedded"
    if (!isEmbedded || !migrations.onStart || (yield* hasForeignShares)) return
    yield* Ref.set(prepared, Option.some(yield* makeMiners))
  }).pipe(Effect.provideService(AppConfig, config), Effect.orDie)
  const run = Effect.gen(function* () {
    const found = yield* Ref.get(prepared)
    const streams = yield* Effect.serviceOption(MiningStreams)
    if (Option.isNone(found) || Option.isNone(streams)) return
    const { deliver, lasting, now, simulation } = found.value
    yield* append(streams.value, lasting)
    yield* play({
      simulation,
      deliver,
      sink: { append: (entries) => append(streams.value, entries) },
      start: now,
      end: Number.POSITIVE_INFINITY,
      speed: 1,
      onStep: () => Effect.void
    })
  })
  return { prepare, run }
})
