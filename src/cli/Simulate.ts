import { Clock, Console, Effect, Ref } from "effect"
import { Command } from "effect/cli"
import { redisAdvice } from "../layers/Advice.ts"
import { AppConfig, describeRedis } from "../layers/AppConfig.ts"
import { makeStreamWriter } from "../layers/mining/StreamWriter.ts"
import { makeDeliveries } from "../services/mining/simulation/Deliveries.ts"
import { draws } from "../services/mining/simulation/Draws.ts"
import { play } from "../services/mining/simulation/Play.ts"
import { hasForeignShares } from "../services/mining/simulation/SharesTable.ts"
import { makeSimulation } from "../services/mining/simulation/Simulation.ts"
import { quietly, refuseDeployed, unavailable, UsageError, yes } from "./CommandParts.ts"
import { onTeams } from "./OnDatabase.ts"
import { withProgress } from "./Progress.ts"
import { flags } from "./simulate/Flags.ts"

const refuseInDeployment = quietly(
  refuseDeployed("tbg simulate", "it inserts simulated shares; run it on a development or test database")
)

const refuseForeign = Effect.fnUntraced(function* (isAgreed: boolean) {
  if (isAgreed || !(yield* Effect.orDie(hasForeignShares))) return
  const message = "the table shares has rows that tbg simulate did not write; use another database, or add --yes"
  return yield* new UsageError({ message })
})

/** Connection to the streams of the configured Redis. */
const streams = Effect.gen(function* () {
  const target = (yield* AppConfig).mining.redis
  if (target._tag === "Embedded") {
    const message =
      "tbg simulate writes to Redis Streams; set TBG_MINING_REDIS_URL or TBG_REDIS_URL to redis://HOST:PORT"
    return yield* new UsageError({ message })
  }
  return yield* Effect.mapError(makeStreamWriter(target), (down) => unavailable(redisAdvice(target, down)))
})

const prefixes = ["", "k", "M", "G", "T", "P", "E"]

/** Hashrate with an SI prefix, such as `24.1 PH/s`. */
const hashrateText = (hashrate: number): string => {
  const power = Math.min(prefixes.length - 1, Math.floor(Math.log10(Math.max(1, hashrate)) / 3))
  return `${(hashrate / 1000 ** power).toPrecision(3)} ${prefixes[power] ?? ""}H/s`
}

export const Simulate = Command.make("simulate", { ...flags, yes }, (given) =>
  Effect.gen(function* () {
    const { mining } = yield* AppConfig
    if (given.speed !== 1 && given.for === undefined) {
      return yield* new UsageError({ message: "--speed needs --for, because the simulation ends at the present time" })
    }
    yield* refuseForeign(given.yes)
    const sink = yield* streams
    const now = (yield* Clock.currentTimeMillis) * 1000
    // Played at this speed, the span ends when the clock gets there.
    const past = given.for === undefined ? 0 : given.for * Math.max(0, 1 - 1 / given.speed)
    const start = Math.round(now - past * 1_000_000)
    const end = given.for === undefined ? Number.POSITIVE_INFINITY : start + Math.round(given.for * 1_000_000)
    const active = new Set(given.faults)
    const simulation = yield* makeSimulation({
      seed: given.seed,
      miners: given.miners,
      network: mining.network,
      start,
      ...(given.rate === undefined ? {} : { rate: given.rate }),
      hasBothProducers: active.has("both-shapes"),
      hasOddNames: active.has("odd-names")
    })
    const { fleet, hashrate } = simulation
    const what = `${fleet.addresses.length} miners with ${fleet.workers.length} workers and ${hashrateText(hashrate)}`
    yield* Console.error(`simulating ${what} (seed ${given.seed}) on Redis ${describeRedis(mining.redis)}`)
    const deliver = makeDeliveries(yield* draws(`${given.seed}/faults`), active, fleet.addresses)
    const totals = yield* Ref.make({ entries: 0, rows: 0 })
    const summary = Effect.flatMap(Ref.get(totals), ({ entries, rows }) =>
      Console.log(`appended ${entries} stream entries and inserted ${rows} shares`)
    )
    const run = withProgress(given.for ?? 0, "simulated seconds", (advance) =>
      play({
        simulation,
        deliver,
        sink,
        start,
        end,
        speed: given.speed,
        onStep: ({ entries, rows, seconds }) =>
          Ref.update(totals, (former) => ({ entries: former.entries + entries, rows: former.rows + rows })).pipe(
            Effect.andThen(advance(seconds))
          )
      })
    )
    yield* Effect.ensuring(run, summary)
  }).pipe(Effect.scoped, onTeams, (simulate) => Effect.andThen(refuseInDeployment, simulate))
).pipe(
  Command.withDescription(
    "Simulate miners: write events to Redis Streams and rows to shares; refused in staging and production"
  )
)
