import { Context, DateTime, Duration, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { liveServices } from "../../../src/services/live/LiveServices.ts"
import { miningServices } from "../../../src/services/mining/MiningServices.ts"
import { MiningStatus } from "../../../src/services/mining/MiningStatus.ts"
import { Boards } from "../../../src/services/weeks/Boards.ts"
import { memoryTeams } from "../TestTeams.ts"
import { jsonOf, testRoutes } from "../TestRoutes.ts"
import type { TestRoutesOptions } from "../TestRoutes.ts"
import { hostileDatabase, testClient } from "../TestDatabase.ts"
import { createMiningTables } from "./MiningDatabase.ts"
import { playersOn } from "./Players.ts"
import { generatorOf } from "./SimulatedMiner.ts"
import type { StoredShare } from "./StoredShares.ts"

/** A Wednesday, within an hour, a 5-minute bucket and a minute. */
export const now = DateTime.toEpochMillis(DateTime.makeUnsafe("2026-12-09T10:17:23.456Z"))

export const alice = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
export const bob = "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"

/**
 * The real routes, with sign-in, over the projection's tables in a database of their own with hostile defaults, at a
 * fixed time. Summaries stay cached until `mining_state.version` changes.
 */
export const miningRoutes = Effect.fnUntraced(function* (
  options: TestRoutesOptions & {
    readonly isPublic?: boolean
    readonly boardsEvery?: Duration.Input
    /** Time instead of `now`. A jump of hours is slow, because regular work of the edge runs for each step. */
    readonly at?: number
  } = {}
) {
  const { url } = yield* Effect.tap(hostileDatabase, ({ url }) => Effect.provide(createMiningTables, testClient(url)))
  yield* TestClock.setTime(options.at ?? now)
  const client = yield* Layer.build(testClient(url))
  const mining = yield* Layer.build(
    Layer.merge(
      // Boards follow when a test refreshes them. A regular read would run for each step of the test's clock.
      miningServices({
        network: "mainnet",
        isPublic: options.isPublic ?? true,
        boardsEvery: options.boardsEvery ?? Duration.infinity
      }),
      MiningStatus.layer(Effect.succeed(true))
    ).pipe(Layer.provide(Layer.succeedContext(client)))
  )
  const { players, signIn } = yield* playersOn(Layer.succeedContext(client))
  const live = liveServices.pipe(
    Layer.provide([Layer.succeedContext(mining), players, Layer.succeedContext(client), memoryTeams])
  )
  const ask = yield* testRoutes({
    ...options,
    mining: Layer.succeedContext(mining),
    live,
    players,
    variables: { TBG_RATE_LIMIT_MODE: "off", ...options.variables }
  })
  const get = (path: string, headers: Readonly<Record<string, string>> = {}) => ask(path, { headers })
  const read = (path: string, headers?: Readonly<Record<string, string>>) => Effect.flatMap(get(path, headers), jsonOf)
  return { ask, get, read, signIn, client: Layer.succeedContext(client), url, boards: Context.get(mining, Boards) }
})

interface Plan {
  readonly address: string
  readonly worker: string
  /** Assigned difficulties, one of which each share has. */
  readonly difficulties: ReadonlyArray<number>
  readonly shares: number
  /** Longest age of a share in milliseconds. Ages are spread evenly over their logarithm. */
  readonly oldest: number
}

/** Shares of honest workers from a fixed seed, none in the future. */
export const sharesOf = (plans: ReadonlyArray<Plan>, seed = 42): ReadonlyArray<StoredShare> => {
  const random = generatorOf(seed)
  return plans.flatMap(({ address, difficulties, oldest, shares, worker }) =>
    Array.from({ length: shares }, () => {
      const difficulty = difficulties[Math.floor(random() * difficulties.length)] ?? 1
      const age = Math.floor(Math.exp(random() * Math.log(oldest)))
      return { address, worker, difficulty, at: now - age, reached: difficulty / random() }
    })
  )
}
