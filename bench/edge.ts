// Cost of the edge: this service compared with a bare HttpApi route, with Fastify (headers from its plugin and by hand)
// and with node:http alone. Rounds alternate, so the ratios are more reliable than the absolute figures.
// Arguments: rounds (7) and seconds per round (2). Needs Linux with two cores, and `npm run build`.
import { Effect } from "effect"
import { join } from "node:path"
import { build } from "rolldown"
import { backends } from "./Backends.ts"
import { measure, report } from "./Comparison.ts"
import { measuredPeers, peerTitles, startedPeers } from "./FastifyPeers.ts"
import { moveToLoadCore, pinnedServer } from "./PinnedServer.ts"
import type { PinnedServer } from "./PinnedServer.ts"
import { measuredRound } from "./Round.ts"
import { temporaryFolder } from "./TemporaryFolder.ts"

const [rounds = 7, seconds = 2] = process.argv.slice(2).map(Number)

const names = ["edge", "plugins", "byHand", "bare", "node"] as const
type Name = (typeof names)[number]
const titles: Record<Name, string> = {
  edge: "this service",
  bare: "bare HttpApi route",
  ...peerTitles
}

/** Bundles the bare route too, because a bundle is a few percent faster than its sources. */
const bundled = async (program: string, folder: string): Promise<string> => {
  const file = join(folder, "bare.mjs")
  await build({ input: join(import.meta.dirname, program), platform: "node", output: { file }, logLevel: "silent" })
  return file
}

const startedServers = Effect.gen(function* () {
  const folder = yield* temporaryFolder
  const variables = { ...(yield* backends), TBG_RATE_LIMIT_MODE: "off" }
  const servers: Record<Name, PinnedServer> = {
    edge: yield* pinnedServer(["dist/main.js", "serve"], variables),
    bare: yield* pinnedServer([yield* Effect.promise(() => bundled("peers/bare.ts", folder))]),
    ...(yield* startedPeers())
  }
  return servers
})

const program = Effect.gen(function* () {
  const servers = yield* startedServers
  for (const path of ["/health", "/version"]) {
    const load = { path, seconds }
    const measured = yield* Effect.promise(() =>
      measure(rounds, async () => ({
        edge: await measuredRound(servers.edge, load),
        bare: await measuredRound(servers.bare, load),
        ...(await measuredPeers(servers, load))
      }))
    )
    const text = report(path, titles, names, measured, [
      ["throughput, this service / Fastify", ({ edge, plugins }) => edge.perSecond / plugins.perSecond, ">= 1"],
      [
        "throughput, this service / Fastify with headers by hand",
        ({ byHand, edge }) => edge.perSecond / byHand.perSecond,
        ">= 1"
      ],
      ["CPU, Fastify / this service", ({ edge, plugins }) => plugins.cpu / edge.cpu, ">= 1"],
      ["additional CPU of the edge, us", ({ bare, edge }) => edge.cpu - bare.cpu, "<= 6"]
    ])
    process.stdout.write(`${text}\n`)
  }
})

moveToLoadCore()
await Effect.runPromise(Effect.scoped(program))
