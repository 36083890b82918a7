// What the limiter costs: GET /version with and without it, and beside Fastify with @fastify/rate-limit on the same
// Redis.
// Arguments: rounds (7) and seconds a round (2). Needs Linux with two cores, and `npm run build`.
import { Effect } from "effect"
import { join } from "node:path"
import { ample, backends } from "./Backends.ts"
import { addressesOf } from "./Addresses.ts"
import { measure, report } from "./Comparison.ts"
import { moveToLoadCore, pinnedServer } from "./PinnedServer.ts"
import { measuredRound } from "./Round.ts"

const [rounds = 7, seconds = 2] = process.argv.slice(2).map(Number)

const names = ["limited", "unlimited", "fastify"] as const
const titles = {
  limited: "this service",
  unlimited: "this service, limiter off",
  fastify: "Fastify with @fastify/rate-limit"
}

const startedServers = Effect.gen(function* () {
  const variables = { ...(yield* backends), ...ample, TBG_TRUSTED_PROXIES: "127.0.0.1" }
  const ours = (mode: string) => pinnedServer(["dist/main.js", "serve"], { ...variables, TBG_RATE_LIMIT_MODE: mode })
  return {
    limited: yield* ours("enforce"),
    unlimited: yield* ours("off"),
    fastify: yield* pinnedServer([join(import.meta.dirname, "peers", "fastify.ts")], {
      TBG_REDIS_URL: variables.TBG_REDIS_URL
    })
  }
})

const nextAddress = addressesOf(2 ** 24)

const loads = [
  { title: "/version, one address", load: { path: "/version", seconds }, bound: ">= 1.2" },
  { title: "/version, an address each request", load: { path: "/version", seconds, nextAddress }, bound: ">= 1.0" }
]

const program = Effect.gen(function* () {
  const servers = yield* startedServers
  for (const { bound, load, title } of loads) {
    const measured = yield* Effect.promise(() =>
      measure(rounds, async () => ({
        limited: await measuredRound(servers.limited, load),
        unlimited: await measuredRound(servers.unlimited, load),
        fastify: await measuredRound(servers.fastify, load)
      }))
    )
    const text = report(title, titles, names, measured, [
      ["throughput, this service / Fastify", ({ fastify, limited }) => limited.perSecond / fastify.perSecond, bound],
      ["CPU of the limiter, us", ({ limited, unlimited }) => limited.cpu - unlimited.cpu, "<= 8"]
    ])
    process.stdout.write(`${text}\n`)
  }
})

moveToLoadCore()
await Effect.runPromise(Effect.scoped(program))
