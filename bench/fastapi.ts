// Compares one process of this service with one of FastAPI on uvicorn, which it replaces. Arguments: rounds (7), seconds
// per round (2), and a Python 3.9 or later (python3) with fastapi, uvicorn, uvloop, httptools, asyncpg and redis. Needs
// Linux with two cores, and `npm run build`.
import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { ample, backends } from "./Backends.ts"
import { keyOfNewTeam } from "./Commands.ts"
import { measure, report } from "./Comparison.ts"
import { moveToLoadCore, pinnedProgram, pinnedServer } from "./PinnedServer.ts"
import { measuredRound } from "./Round.ts"
import { writePosts } from "./WrittenPosts.ts"

const [rounds = 7, seconds = 2] = process.argv.slice(2, 4).map(Number)
const python = process.argv[4] ?? "python3"

const names = ["service", "fastapi"] as const
const titles = { service: "this service", fastapi: "FastAPI on uvicorn" }
const team = "bench"
const path = `/v1/teams/${team}/posts`

const startedServers = Effect.gen(function* () {
  const variables = { ...(yield* backends), ...ample }
  const key = keyOfNewTeam(team, variables)
  return {
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    service: yield* pinnedServer(["dist/main.js", "serve"], variables),
    fastapi: yield* pinnedProgram([python, join(import.meta.dirname, "peers", "predecessor.py")], variables)
  }
})

const program = Effect.gen(function* () {
  const { headers, ...servers } = yield* startedServers
  const body = yield* Effect.promise(() => writePosts(servers.service.url + path, headers, 200))
  const loads = [
    { title: "/health", load: { path: "/health", seconds } },
    { title: "/version, limited", load: { path: "/version", seconds } },
    { title: "list 20 posts", load: { path: `${path}?limit=20`, seconds, headers } },
    { title: "create a post", load: { path, seconds, method: "POST" as const, headers, body } }
  ]
  for (const { load, title } of loads) {
    const measured = yield* Effect.promise(() =>
      measure(rounds, async () => ({
        service: await measuredRound(servers.service, load),
        fastapi: await measuredRound(servers.fastapi, load)
      }))
    )
    const text = report(title, titles, names, measured, [
      ["throughput, this service / FastAPI", ({ fastapi, service }) => service.perSecond / fastapi.perSecond, ">= 10"]
    ])
    process.stdout.write(`${text}\n`)
  }
})

if (spawnSync(python, ["-c", "import asyncpg, fastapi, httptools, redis, uvicorn, uvloop"]).status === 0) {
  moveToLoadCore()
  await Effect.runPromise(Effect.scoped(program))
} else {
  process.stdout.write(`skipped: ${python} lacks FastAPI or one of the packages listed in bench/fastapi.ts\n`)
}
