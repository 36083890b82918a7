// Goodput under overload: pages of 100 posts, asked for at a fixed rate whatever becomes of the requests before, from half
// of what the service can carry to five times that. Answers of 200 within a second count; the bound is 0.8 of the best.
// Arguments: seconds a rate (5) and connections (1500). Needs Linux with two cores, and `npm run build`.
import { Effect } from "effect"
import { backends } from "./Backends.ts"
import { keyOfNewTeam } from "./Commands.ts"
import { openLoad } from "./OpenLoad.ts"
import { moveToLoadCore, pinnedServer } from "./PinnedServer.ts"
import { measuredRound } from "./Round.ts"
import { writePosts } from "./WrittenPosts.ts"

const [seconds = 5, connections = 1500] = process.argv.slice(2).map(Number)

const team = "bench"
const path = `/v1/teams/${team}/posts?limit=100`
const factors = [0.5, 0.9, 1, 2, 5]
const bound = 0.8

const started = Effect.gen(function* () {
  const variables = { ...(yield* backends), TBG_RATE_LIMIT_MODE: "off" }
  const key = keyOfNewTeam(team, variables)
  return { key, server: yield* pinnedServer(["dist/main.js", "serve"], variables) }
})

const program = Effect.gen(function* () {
  const { key, server } = yield* started
  const headers = { authorization: `Bearer ${key}` }
  yield* Effect.promise(async () => {
    await writePosts(server.url + path, { ...headers, "content-type": "application/json" }, 100)
    // The first is for the compilers.
    await measuredRound(server, { path, seconds, headers })
    const { perSecond: carried } = await measuredRound(server, { path, seconds, headers })
    const rows: Array<string> = []
    const goods: Array<number> = []
    for (const factor of factors) {
      const perSecond = carried * factor
      const load = { url: server.url, path, headers, perSecond, seconds, connections, patienceMs: 1000 }
      const { good, late, lost, shed, shedMs, unsent } = await openLoad(load)
      goods.push(good)
      rows.push(
        `| ${factor} | ${Math.round(perSecond)} | ${good} | ${late} | ${shed} | ${shedMs.toFixed(1)} | ${unsent} | ${lost} |`
      )
    }
    const ratio = (goods.at(-1) ?? 0) / Math.max(...goods)
    const head = [
      `goodput, requests a second; closed loop of 64: ${Math.round(carried)}`,
      "",
      "| times that | arriving | good | late | shed | shed after, ms | no connection free | lost |",
      "|---|---|---|---|---|---|---|---|"
    ]
    process.stdout.write(
      `${[...head, ...rows, "", `at five times, of the best: ${ratio.toFixed(2)} (bound: >= ${bound})`].join("\n")}\n`
    )
    if (ratio < bound) process.exitCode = 1
  })
})

moveToLoadCore()
await Effect.runPromise(Effect.scoped(program))
