// The posts of a team: a page of twenty, and a post more, through this service and through Fastify with `pg`, on the
// same Postgres and Redis. The wall between teams is up here and not there; keys and their cache are the same.
// Arguments: rounds (7) and seconds a round (2). Needs Linux with two cores, and `npm run build`.
import { Effect } from "effect"
import { join } from "node:path"
import { ample, backends } from "./Backends.ts"
import { keyOfNewTeam } from "./Commands.ts"
import { measure, report } from "./Comparison.ts"
import { moveToLoadCore, pinnedServer } from "./PinnedServer.ts"
import { measuredRound } from "./Round.ts"
import { writePosts } from "./WrittenPosts.ts"

const [rounds = 7, seconds = 2] = process.argv.slice(2).map(Number)

const names = ["service", "fastify"] as const
const titles = { service: "this service", fastify: "Fastify with pg" }
const team = "bench"

const startedServers = Effect.gen(function* () {
  const variables = { ...(yield* backends), ...ample }
  const key = keyOfNewTeam(team, variables)
  const peer = join(import.meta.dirname, "peers", "fastify.ts")
  return {
    key,
    service: yield* pinnedServer(["dist/main.js", "serve"], variables),
    fastify: yield* pinnedServer([peer], variables)
  }
})

const path = `/v1/teams/${team}/posts`

const program = Effect.gen(function* () {
  const { key, ...servers } = yield* startedServers
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" }
  const body = yield* Effect.promise(() => writePosts(servers.service.url + path, headers, 200))
  const write = { path, seconds, method: "POST", headers, body } as const
  const loads = [
    { title: "list 20 posts", load: { path: `${path}?limit=20`, seconds, headers }, bound: ">= 1.5" },
    { title: "create a post", load: write, bound: ">= 1.1" }
  ]
  for (const { bound, load, title } of loads) {
    const measured = yield* Effect.promise(() =>
      measure(rounds, async () => ({
        service: await measuredRound(servers.service, load),
        fastify: await measuredRound(servers.fastify, load)
      }))
    )
    const text = report(title, titles, names, measured, [
      ["throughput, this service / Fastify", ({ fastify, service }) => service.perSecond / fastify.perSecond, bound],
      ["CPU, Fastify / this service", ({ fastify, service }) => fastify.cpu / service.cpu, bound]
    ])
    process.stdout.write(`${text}\n`)
  }
})

moveToLoadCore()
await Effect.runPromise(Effect.scoped(program))
