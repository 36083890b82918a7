// Cost of tracing: this service without an endpoint, and with ratios 0, 0.1 and 1, for /version (a Redis call) and a list
// of 20 posts (Redis and Postgres). Rounds alternate, so the differences are more reliable than the absolute figures. The
// collector responds at once, on the core of the load. Arguments: rounds (7) and seconds per round (2). Needs Linux with
// two cores, and `npm run build`.
import { Effect } from "effect"
import { httpStub, json } from "../test/support/HttpStub.ts"
import { ample, backends } from "./Backends.ts"
import { keyOfNewTeam } from "./Commands.ts"
import { measure, report } from "./Comparison.ts"
import { moveToLoadCore, pinnedServer } from "./PinnedServer.ts"
import { measuredRound } from "./Round.ts"
import { writePosts } from "./WrittenPosts.ts"

const [rounds = 7, seconds = 2] = process.argv.slice(2).map(Number)

const titles = { off: "no endpoint", none: "ratio 0", tenth: "ratio 0.1", all: "ratio 1" }
const names = ["off", "none", "tenth", "all"] as const
const team = "bench"

const startedServers = Effect.gen(function* () {
  const collector = yield* httpStub(json({}))
  const variables = { ...(yield* backends), ...ample }
  const key = keyOfNewTeam(team, variables)
  const server = (tracing: Record<string, string>) =>
    pinnedServer(["dist/main.js", "serve"], { ...variables, ...tracing })
  const sampled = (ratio: string) => server({ TBG_OTLP_ENDPOINT: collector.url, TBG_TRACE_SAMPLE_RATIO: ratio })
  return {
    key,
    servers: {
      off: yield* server({}),
      none: yield* sampled("0"),
      tenth: yield* sampled("0.1"),
      all: yield* sampled("1")
    }
  }
})

const program = Effect.gen(function* () {
  const { key, servers } = yield* startedServers
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" }
  const path = `/v1/teams/${team}/posts`
  yield* Effect.promise(() => writePosts(servers.off.url + path, headers, 20))
  const loads = [
    { title: "/version", load: { path: "/version", seconds } },
    { title: "list 20 posts", load: { path: `${path}?limit=20`, seconds, headers } }
  ]
  for (const { load, title } of loads) {
    const measured = yield* Effect.promise(() =>
      measure(rounds, async () => ({
        off: await measuredRound(servers.off, load),
        none: await measuredRound(servers.none, load),
        tenth: await measuredRound(servers.tenth, load),
        all: await measuredRound(servers.all, load)
      }))
    )
    const text = report(title, titles, names, measured, [
      ["additional CPU with ratio 0, us", ({ none, off }) => none.cpu - off.cpu, ""],
      ["additional CPU with ratio 0.1, us", ({ off, tenth }) => tenth.cpu - off.cpu, ""],
      ["additional CPU with ratio 1, us", ({ all, off }) => all.cpu - off.cpu, ""]
    ])
    process.stdout.write(`${text}\n`)
  }
})

moveToLoadCore()
await Effect.runPromise(Effect.scoped(program))
