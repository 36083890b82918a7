// Cost of the limiter: GET /version with and without it, compared with Fastify and @fastify/rate-limit on the same Redis,
// and with node:http alone, as a reference for the speed of the machine.
// Arguments: rounds (7) and seconds per round (2). Needs Linux with two cores, and `npm run build`.
import { Effect } from "effect"
import { ample, backends } from "./Backends.ts"
import { addressesOf } from "./Addresses.ts"
import { measure, report } from "./Comparison.ts"
import type { Pair } from "./Comparison.ts"
import { measuredPeers, peerTitles, startedPeers } from "./FastifyPeers.ts"
import { moveToLoadCore, pinnedServer } from "./PinnedServer.ts"
import { measuredRound } from "./Round.ts"

const [rounds = 7, seconds = 2] = process.argv.slice(2).map(Number)

/** Ten seconds, because limited requests get faster until the compilers are done. */
const warming = Math.ceil(10 / seconds)

const names = ["limited", "unlimited", "plugins", "byHand", "node"] as const
type Name = (typeof names)[number]
const titles = { limited: "this service", unlimited: "this service, limiter off", ...peerTitles }

const startedServers = Effect.gen(function* () {
  const variables = { ...(yield* backends), ...ample, TBG_TRUSTED_PROXIES: "127.0.0.1" }
  const ours = (mode: string) => pinnedServer(["dist/main.js", "serve"], { ...variables, TBG_RATE_LIMIT_MODE: mode })
  return {
    limited: yield* ours("enforce"),
    unlimited: yield* ours("off"),
    ...(yield* startedPeers({ TBG_REDIS_URL: variables.TBG_REDIS_URL }))
  }
})

const figures = (throughput: string): ReadonlyArray<Pair<Name>> => [
  ["throughput, this service / Fastify", ({ limited, plugins }) => limited.perSecond / plugins.perSecond, throughput],
  ["with headers by hand", ({ byHand, limited }) => limited.perSecond / byHand.perSecond, throughput],
  ["CPU of the limiter, us", ({ limited, unlimited }) => limited.cpu - unlimited.cpu, "<= 8"]
]
const ofNode: ReadonlyArray<Pair<Name>> = [
  [
    "CPU of the limiter / node:http alone",
    ({ limited, node, unlimited }) => (limited.cpu - unlimited.cpu) / node.cpu,
    "<= 0.92"
  ],
  ["CPU, Fastify / node:http alone", ({ node, plugins }) => plugins.cpu / node.cpu, ""],
  ["with headers by hand", ({ byHand, node }) => byHand.cpu / node.cpu, ""]
]

// The second load is slower because each request has its own address, so it has no node:http reference.
const nextAddress = addressesOf(2 ** 24)
const loads = [
  { title: "/version, one address", load: { path: "/version", seconds }, pairs: [...figures(">= 1.2"), ...ofNode] },
  {
    title: "/version, an address each request",
    load: { path: "/version", seconds, nextAddress },
    pairs: figures(">= 1.0")
  }
]

const program = Effect.gen(function* () {
  const servers = yield* startedServers
  for (const { load, pairs, title } of loads) {
    const round = async () => ({
      limited: await measuredRound(servers.limited, load),
      unlimited: await measuredRound(servers.unlimited, load),
      ...(await measuredPeers(servers, load))
    })
    const measured = yield* Effect.promise(() => measure(rounds, round, warming))
    process.stdout.write(`${report(title, titles, names, measured, pairs)}\n`)
  }
})

moveToLoadCore()
await Effect.runPromise(Effect.scoped(program))
