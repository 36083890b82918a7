// Whether a request costs more CPU time than it did at the previous release. Both bundles run on one core, on databases
// of one Postgres, and take turns; each is started several times, as a start decides what the compiler makes of the
// same program. Exits with 1 where a route is slower. Arguments: the revision to compare with (the newest tag, else
// the commit before), and one to compare instead of the working tree. Needs Linux with two cores, and `npm run build`.
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
 * A route is slower where eight of eleven starts say so, each by more than 6 %. Of two bundles that are the same a
 * start says that one time in five, so eight of eleven do once in some thousands of runs; of one that is 15 % slower
 * four starts of five say it.
 */
const bound = 1.06
const needed = 8

/** A database with posts, made by the bundle that will serve it, and what is asked for. */
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

/** CPU of the second by that of the first, over some rounds of each in turn. */
const ratioOf = async (servers: readonly [PinnedServer, PinnedServer], loads: readonly [Load, Load]) => {
  const sums: [number, number] = [0, 0]
  for (let pair = -2; pair < pairs; pair++) {
    for (const at of [0, 1] as const) {
      const { cpu } = await measuredRound(servers[at], loads[at])
      // The first two are for the compilers.
      if (pair >= 0) sums[at] += cpu
    }
  }
  return sums[1] / sums[0]
}

/** Of each route, in a start of both. */
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
  const all = yield* Effect.replicateEffect(ratiosOfStart(before, now), starts)
  return now.loads.filter(({ path }, route) => {
    const ratios = all.map((ofStart) => ofStart[route] ?? Number.NaN).toSorted((a, b) => a - b)
    const slower = ratios.filter((ratio) => ratio > bound).length
    const text = ratios.map((ratio) => ratio.toFixed(2)).join(" ")
    process.stdout.write(`${path}: CPU a request by that of ${base}: ${text}; ${slower} of ${starts} over ${bound}\n`)
    return slower >= needed
  })
})

moveToLoadCore()
const slower = await Effect.runPromise(Effect.scoped(program))
if (slower.length > 0) {
  process.stderr.write(`slower than ${base}: ${slower.map(({ path }) => path).join(", ")}\n`)
  process.exitCode = 1
}
