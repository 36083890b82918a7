// Checks whether a request costs more CPU time than in the previous release; exits with 1 if a route does. Both bundles
// take turns on one core and one Postgres. Each is started several times, because the compiler optimizes each start
// differently. Arguments: the revision to compare with (the latest tag, otherwise the previous commit), and a revision to
// compare instead of the working tree. Needs Linux with two cores, and `npm run build`.
import { Array as Arr, Effect, Redacted } from "effect"
import { join } from "node:path"
import { freshDatabaseOn } from "../test/support/TestDatabase.ts"
import { throwawayRedis } from "../test/support/ThrowawayRedis.ts"
import { ample, durablePostgres } from "./Backends.ts"
import { bundleOf, previousRelease } from "./Bundle.ts"
import { commandsOf } from "./Commands.ts"
import { moveToLoadCore, pinnedServer } from "./PinnedServer.ts"
import type { PinnedServer } from "./PinnedServer.ts"
import { measuredRound } from "./Round.ts"
import type { Load } from "./Round.ts"
import { postBody } from "./WrittenPosts.ts"

const [base = previousRelease(), head] = process.argv.slice(2)

const starts = 11
const pairs = 4
const seconds = 0.5

/**
 * A route counts as slower if eight of eleven starts exceed this ratio. With equal bundles, one start in five does, so
 * a false alarm occurs once in thousands of runs. With a bundle that is 15 % slower, four starts in five do.
 */
const bound = 1.06
const needed = 8

/** Creates a database with posts, using the bundle that serves it, and the loads to measure. */
const prepared = Effect.fnUntraced(function* (bundle: string, postgres: string, redis: string) {
  const { url } = yield* freshDatabaseOn(postgres)
  const variables = {
    TBG_ENVIRONMENT: "test",
    TBG_DATABASE_URL: Redacted.value(url),
    TBG_REDIS_URL: redis,
    ...ample
  }
  const tbg = commandsOf(bundle, variables)
  tbg("migrate", "up")
  const headers = { authorization: `Bearer ${tbg("seed", "--posts", "100")}` }
  const posts = "/v1/teams/demo/posts"
  const json = { ...headers, "content-type": "application/json" }
  const loads: ReadonlyArray<Load> = [
    { path: "/health", seconds },
    { path: "/version", seconds },
    { path: `${posts}?limit=20`, seconds, headers },
    { path: posts, seconds, method: "POST", headers: json, body: postBody }
  ]
  return { start: pinnedServer([bundle, "serve"], variables), loads }
})
type Prepared = Effect.Success<ReturnType<typeof prepared>>

/** Ratio of the second server's CPU time to the first's, over alternating rounds. */
const ratioOf = async (servers: readonly [PinnedServer, PinnedServer], loads: readonly [Load, Load]) => {
  const sums: [number, number] = [0, 0]
  for (let pair = -2; pair < pairs; pair++) {
    for (const at of [0, 1] as const) {
      const { cpu } = await measuredRound(servers[at], loads[at])
      // The first two rounds warm up the compilers.
      if (pair >= 0) sums[at] += cpu
    }
  }
  return sums[1] / sums[0]
}

/** Ratio of each route after one start of both bundles. */
const ratiosOfStart = Effect.fnUntraced(function* (before: Prepared, now: Prepared) {
  const servers = [yield* before.start, yield* now.start] as const
  return yield* Effect.forEach(Arr.zip(before.loads, now.loads), (loads) =>
    Effect.promise(() => ratioOf(servers, loads))
  )
}, Effect.scoped)

const program = Effect.gen(function* () {
  const postgres = yield* durablePostgres
  const redis = yield* throwawayRedis()
  const headBundle = head === undefined ? join(import.meta.dirname, "..", "dist", "main.js") : yield* bundleOf(head)
  const before = yield* prepared(yield* bundleOf(base), postgres.url, redis.url)
  const now = yield* prepared(headBundle, postgres.url, redis.url)
  const ratios = Effect.tap(ratiosOfStart(before, now), (ofStart) =>
    Effect.sync(() => {
      const text = Arr.zip(now.loads, ofStart).map(([{ path }, ratio]) => `${path} ${ratio.toFixed(2)}`)
      process.stdout.write(`after one start: ${text.join(", ")}\n`)
    })
  )
  const all = yield* Effect.replicateEffect(ratios, starts)
  return now.loads.filter(({ path }, route) => {
    const ratios = all.map((ofStart) => ofStart[route] ?? Number.NaN).toSorted((a, b) => a - b)
    const slower = ratios.filter((ratio) => ratio > bound).length
    const text = ratios.map((ratio) => ratio.toFixed(2)).join(" ")
    process.stdout.write(
      `${path}: CPU per request relative to ${base}: ${text}; ${slower} of ${starts} over ${bound}\n`
    )
    return slower >= needed
  })
})

moveToLoadCore()
const slower = await Effect.runPromise(Effect.scoped(program))
if (slower.length > 0) {
  process.stderr.write(`slower than ${base}: ${slower.map(({ path }) => path).join(", ")}\n`)
  process.exitCode = 1
}
