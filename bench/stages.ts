// CPU time of a request by purpose: profiles the bundle under load, and assigns each sample by the module of its innermost
// frame outside Node.js. The profiler itself also takes CPU time.
// Argument: seconds per route (4). Needs Linux with two cores, and `npm run build`.
import { Effect } from "effect"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { ample, backends } from "./Backends.ts"
import { keyOfNewTeam } from "./Commands.ts"
import { moveToLoadCore, pinnedServer } from "./PinnedServer.ts"
import { stacksBetween } from "./Profile.ts"
import { measuredRound } from "./Round.ts"
import { temporaryFolder } from "./TemporaryFolder.ts"
import { writePosts } from "./WrittenPosts.ts"

const [seconds = 4] = process.argv.slice(2).map(Number)

/** The first match applies. */
const stages: ReadonlyArray<readonly [stage: string, module: RegExp]> = [
  ["limiter and Redis", /rateLimit|middleware\/Limit|ioredis|redis/i],
  ["metrics", /middleware\/Metrics|dist\/Metric|layers\/metrics/],
  ["log", /AccessLog|layers\/(Log|logger)/],
  ["router", /FindMyWay|HttpRouter|find-my-way/],
  ["database", /sql|layers\/[Dd]atabase|services\/(posts|Posts|Reads|InTeam|TenantIsolation)|dist\/Pool/],
  ["key and cursor", /services\/(apiKeys|ApiKeys|Secrets|Cursors|identity|Identities)|Authorization|BearerIdentity/],
  ["edge", /src\/http\//],
  ["rest of the handler", /src\//],
  ["writing the response", /platform-node/],
  ["endpoint: schemas, JSON, response", /Schema|http-api|dist\/http\//],
  ["Effect fibers and contexts", /node_modules\/effect\//],
  ["garbage collection", /garbage collector/]
]
const others = "reading the request, rest of Node.js"
const titles = [...stages.map(([stage]) => stage), others]

const stageOf = (stack: ReadonlyArray<string>): string => {
  const frame = stack.find((frame) => /^(src|node_modules)\//.test(frame) || frame === "(garbage collector)") ?? ""
  return stages.find(([, module]) => module.test(frame))?.[0] ?? others
}

const microsecondsNow = (): number => Number(process.hrtime.bigint() / 1000n)

const program = Effect.gen(function* () {
  const folder = yield* temporaryFolder
  const variables = { ...(yield* backends), ...ample }
  const key = keyOfNewTeam("bench", variables)
  const path = "/v1/teams/bench/posts"
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" }
  const flags = ["--cpu-prof", "--cpu-prof-interval=200", `--cpu-prof-dir=${folder}`]
  const rounds = yield* Effect.scoped(
    Effect.gen(function* () {
      const server = yield* pinnedServer([...flags, "dist/main.js", "serve"], variables)
      const body = yield* Effect.promise(() => writePosts(server.url + path, headers, 200))
      const loads = [
        { title: "/health", load: { path: "/health", seconds } },
        { title: "/version", load: { path: "/version", seconds } },
        { title: "list", load: { path: `${path}?limit=20`, seconds, headers } },
        { title: "create", load: { path, seconds, method: "POST" as const, headers, body } }
      ]
      return yield* Effect.forEach(loads, ({ load, title }) =>
        Effect.promise(async () => {
          // The first round warms up the compilers.
          await measuredRound(server, load)
          const from = microsecondsNow()
          const { cpu } = await measuredRound(server, load)
          return { title, from, until: microsecondsNow(), cpu }
        })
      )
    })
  )
  const profile = readdirSync(folder).find((name) => name.endsWith(".cpuprofile"))
  if (profile === undefined) throw new Error("the server wrote no profile")
  const columns = rounds.map(({ cpu, from, until }) => {
    const busy = stacksBetween(join(folder, profile), "dist", from, until).filter(
      ([[innermost]]) => innermost !== "(idle)"
    )
    const total = busy.reduce((sum, [, microseconds]) => sum + microseconds, 0)
    const byStage = new Map<string, number>()
    for (const [stack, microseconds] of busy) {
      const stage = stageOf(stack)
      byStage.set(stage, (byStage.get(stage) ?? 0) + microseconds)
    }
    return (stage: string) => ((byStage.get(stage) ?? 0) / total) * cpu
  })
  const row = (name: string, values: ReadonlyArray<string>): string => `| ${name} | ${values.join(" | ")} |\n`
  process.stdout.write(
    row(
      "us per request",
      rounds.map(({ title }) => title)
    ) +
      row(
        "---",
        rounds.map(() => "---")
      )
  )
  for (const stage of titles)
    process.stdout.write(
      row(
        stage,
        columns.map((of) => of(stage).toFixed(1))
      )
    )
  process.stdout.write(
    row(
      "all",
      rounds.map(({ cpu }) => cpu.toFixed(1))
    )
  )
})

moveToLoadCore()
await Effect.runPromise(Effect.scoped(program))
