// What the limiter costs: GET /version with and without it, beside Fastify with @fastify/rate-limit on the same Redis,
// and beside node:http alone, by which figures of machines of different speed can be compared.
// Arguments: rounds (7) and seconds a round (2). Needs Linux with two cores, and `npm run build`.
import { Effect } from "effect"
import { join } from "node:path"
import { ample, backends } from "./Backends.ts"
import { addressesOf } from "./Addresses.ts"
import { measure, report } from "./Comparison.ts"
import { moveToLoadCore, pinnedServer } from "./PinnedServer.ts"
import { measuredRound } from "./Round.ts"

const [rounds = 7, seconds = 2] = process.argv.slice(2).map(Number)

const names = ["limited", "unlimited", "plugins", "byHand", "node"] as const
const titles = {
  limited: "this service",
  unlimited: "this service, limiter off",
  plugins: "Fastify with its plugins",
  byHand: "Fastify, security headers by hand",
  node: "node:http alone"
}

/** Until its compilers are done a limited request gets faster, for ten seconds. */
const warming = Math.ceil(10 / seconds)

const startedServers = Effect.gen(function* () {
  const variables = { ...(yield* backends), ...ample, TBG_TRUSTED_PROXIES: "127.0.0.1" }
  const ours = (mode: string) => pinnedServer(["dist/main.js", "serve"], { ...variables, TBG_RATE_LIMIT_MODE: mode })
  const peer = (program: string, ...args: ReadonlyArray<string>) =>
    pinnedServer([join(import.meta.dirname, "peers", program), ...args], { TBG_REDIS_URL: variables.TBG_REDIS_URL })
  return {
    limited: yield* ours("enforce"),
    unlimited: yield* ours("off"),
    plugins: yield* peer("fastify.ts", "helmet"),
    byHand: yield* peer("fastify.ts"),
    node: yield* peer("node.ts")
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
    const round = async () => ({
      limited: await measuredRound(servers.limited, load),
      unlimited: await measuredRound(servers.unlimited, load),
      plugins: await measuredRound(servers.plugins, load),
      byHand: await measuredRound(servers.byHand, load),
      node: await measuredRound(servers.node, load)
    })
    const measured = yield* Effect.promise(() => measure(rounds, round, warming))
    const text = report(title, titles, names, measured, [
      ["throughput, this service / Fastify", ({ limited, plugins }) => limited.perSecond / plugins.perSecond, bound],
      ["the same, headers by hand", ({ byHand, limited }) => limited.perSecond / byHand.perSecond, bound],
      ["CPU of the limiter, us", ({ limited, unlimited }) => limited.cpu - unlimited.cpu, "<= 8"],
      [
        "CPU of the limiter / node:http alone",
        ({ limited, node, unlimited }) => (limited.cpu - unlimited.cpu) / node.cpu,
        "<= 0.92"
      ],
      ["CPU, Fastify / node:http alone", ({ node, plugins }) => plugins.cpu / node.cpu, "3.8 where 1.2 was set"]
    ])
    process.stdout.write(`${text}\n`)
  }
})

moveToLoadCore()
await Effect.runPromise(Effect.scoped(program))
