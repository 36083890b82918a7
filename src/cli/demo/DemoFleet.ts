import { Array, Clock, Context, Effect, Fiber, Layer } from "effect"
import { Mining, miningProjection } from "../../Mining.ts"
import { AppConfig } from "../../layers/AppConfig.ts"
import { Leadership } from "../../services/mining/Leadership.ts"
import type { Lease } from "../../services/mining/Leadership.ts"
import { MiningStreams } from "../../services/mining/MiningSource.ts"
import { makeDeliveries } from "../../services/mining/simulation/Deliveries.ts"
import { draws } from "../../services/mining/simulation/Draws.ts"
import { historyState, makeHistory } from "../../services/mining/simulation/History.ts"
import { play } from "../../services/mining/simulation/Play.ts"
import { makeSimulation } from "../../services/mining/simulation/Simulation.ts"
import type { Simulation } from "../../services/mining/simulation/Simulation.ts"

const minute = 60 * 1_000_000
const historySpan = 24 * 60 * minute
/** Span whose single shares are stored, also in the table `shares`. */
const detailSpan = 60 * minute

/** Ends of the parts, each of which is one transaction, short enough not to delay requests. */
const partEnds = (now: number): ReadonlyArray<number> => [
  ...Array.makeBy(66, (index) => now - historySpan + (index + 1) * 20 * minute),
  ...Array.makeBy(24, (index) => now - (23 - index) * 5 * minute)
]

/** About a share per second, from NerdMiner to S21. The pool finds two blocks a day on average. */
const fleet = { seed: "demo-4", miners: 20, workersPerMiner: 1.5, rate: 1, blockSeconds: 12 * 3600 }

/** Simulated fleet of `tbg serve --demo`. */
export class DemoFleet extends Context.Service<
  DemoFleet,
  {
    /** Address of a miner; `undefined` if nothing is simulated. */
    readonly miner: string | undefined
  }
>()("tbg-api/cli/demo/DemoFleet") {}

/** Simulation whose history is written in the background. Times are in microseconds since 1970. */
class DemoSimulation extends Context.Service<
  DemoSimulation,
  { readonly simulation: Simulation; readonly now: number; readonly history: Fiber.Fiber<void> }
>()("tbg-api/cli/demo/DemoSimulation") {}

const writeHistory = Effect.fnUntraced(function* (lease: Lease, simulation: Simulation, now: number) {
  const { mining } = yield* AppConfig
  const { add, begin } = yield* makeHistory(mining.network, now)
  yield* begin(lease)
  let shares = 0
  for (const until of partEnds(now)) {
    const events = simulation.eventsUntil(until)
    shares += yield* add(lease, { events, until, isDetailed: until > now - detailSpan })
  }
  yield* Effect.annotateLogs(Effect.logInfo("demo history written"), { shares })
})

/** Writes a day of history to an empty projection. Until it is complete, this process holds the lease for it. */
const History = Layer.effect(
  DemoSimulation,
  Effect.gen(function* () {
    const { mining } = yield* AppConfig
    const { acquire, release } = yield* Leadership
    const now = (yield* Clock.currentTimeMillis) * 1000
    const { isEmpty, tip } = yield* historyState
    const lease = isEmpty ? yield* acquire("tbg serve --demo") : undefined
    const simulation = yield* makeSimulation({
      ...fleet,
      network: mining.network,
      ...(lease === undefined ? { start: now, eventSeed: `${fleet.seed} ${now}` } : { start: now - historySpan }),
      ...(tip === undefined ? {} : { tip })
    })
    const logFailure = Effect.logWarning("demo history incomplete; only live shares follow")
    const written =
      lease === undefined
        ? Effect.void
        : writeHistory(lease, simulation, now).pipe(
            Effect.catch(() => logFailure),
            Effect.ensuring(Effect.ignore(release(lease)))
          )
    return { simulation, now, history: yield* Effect.forkScoped(written) }
  }).pipe(Effect.orDie)
).pipe(Layer.provide(Leadership.layer))

/** Continues where the history ends. */
const Live = Layer.effect(
  DemoFleet,
  Effect.gen(function* () {
    const { history, now, simulation } = yield* DemoSimulation
    const { append } = yield* MiningStreams
    const { addresses } = simulation.fleet
    const live = play({
      simulation,
      deliver: makeDeliveries(yield* draws(fleet.seed), new Set(), addresses),
      sink: {
        append: (entries) =>
          Effect.forEach(entries, ({ fields, stream }) => append(stream, Object.entries(fields)), { discard: true })
      },
      start: now,
      end: Number.POSITIVE_INFINITY,
      // Catches up with the time that passed while the history was written.
      speed: 100,
      tick: "1 second",
      onStep: () => Effect.void
    })
    yield* Effect.forkScoped(Effect.andThen(Fiber.join(history), live))
    return { miner: addresses[0] }
  })
)

const Simulated = Live.pipe(Layer.provideMerge(miningProjection({ logsPostgres: false })), Layer.provide(History))

const isSimulated = ({ database, migrations, mining }: AppConfig["Service"]): boolean =>
  database.target._tag === "Embedded" &&
  mining.redis._tag === "Embedded" &&
  mining.projection &&
  // An in-memory database has tables only if this process migrates it.
  migrations.onStart

/** Mining services of `tbg serve --demo`; with a simulated fleet on embedded stores. */
export const DemoMining = Layer.unwrap(
  Effect.map(AppConfig, (config) =>
    isSimulated(config) ? Simulated : Layer.provideMerge(Layer.succeed(DemoFleet, { miner: undefined }), Mining)
  )
)

/** Configuration of the demo: `signet` unless another network is set, as in the existing stack. */
export const onDemoNetwork = Layer.effect(
  AppConfig,
  Effect.map(AppConfig, (config) => {
    const isSet = config.entries.some(
      ({ source, variable }) => variable === "TBG_BITCOIN_NETWORK" && source !== "default"
    )
    if (isSet || !isSimulated(config)) return config
    return { ...config, mining: { ...config.mining, network: "signet" as const } }
  })
)
