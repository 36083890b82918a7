// Goodput under overload: pages of 100 posts at a fixed arrival rate, from half of the capacity to five times the
// capacity. Responses with 200 within a second count. At five times the capacity, goodput must be at least 0.8 of the
// best. Prints medians, because the machine itself varies more than the effect.
// Arguments: seconds per rate (4), connections (1500) and rounds (3). Needs Linux with two cores, and `npm run build`.
import { Effect } from "effect"
import { backends } from "./Backends.ts"
import { keyOfNewTeam } from "./Commands.ts"
import { openLoad } from "./OpenLoad.ts"
import type { Outcome } from "./OpenLoad.ts"
import { moveToLoadCore, pinnedServer } from "./PinnedServer.ts"
import { measuredRound, spreadOf } from "./Round.ts"
import { writePosts } from "./WrittenPosts.ts"

const [seconds = 4, connections = 1500, rounds = 3] = process.argv.slice(2).map(Number)

const team = "bench"
const posts = `/v1/teams/${team}/posts`
const path = `${posts}?limit=100`
const factors = [0.5, 0.9, 1, 2, 5]
const bound = 0.8
const columns = ["good", "late", "shed", "shedMs", "unsent", "lost"] as const

const started = Effect.gen(function* () {
  const variables = { ...(yield* backends), TBG_RATE_LIMIT_MODE: "off" }
  const key = keyOfNewTeam(team, variables)
  return { key, server: yield* pinnedServer(["dist/main.js", "serve"], variables) }
})

const program = Effect.gen(function* () {
  const { key, server } = yield* started
  const headers = { authorization: `Bearer ${key}` }
  yield* Effect.promise(async () => {
    await writePosts(server.url + posts, { ...headers, "content-type": "application/json" }, 100)
    // The first round warms up the compilers.
    await measuredRound(server, { path, seconds, headers })
    const { perSecond: capacity } = await measuredRound(server, { path, seconds, headers })
    const outcomes = factors.map((): Array<Outcome> => [])
    for (let round = 0; round < rounds; round++) {
      for (const [index, factor] of factors.entries()) {
        const load = { url: server.url, path, headers, perSecond: capacity * factor, seconds, connections }
        outcomes[index]?.push(await openLoad({ ...load, limitMs: 1000 }))
      }
    }
    const medianOf = (index: number, of: keyof Outcome): number =>
      spreadOf((outcomes[index] ?? []).map((one) => one[of])).median
    const rows = factors.map((factor, index) => {
      const cells = columns.map((of) => medianOf(index, of).toFixed(of === "shedMs" ? 1 : 0))
      return `| ${[factor, Math.round(capacity * factor), ...cells].join(" | ")} |`
    })
    const goods = factors.map((_, index) => medianOf(index, "good"))
    const ratio = (goods.at(-1) ?? 0) / Math.max(...goods)
    const head = [
      `goodput in requests per second; capacity with 64 callers: ${Math.round(capacity)}`,
      "",
      "| times capacity | arrivals | good | late | shed | shed after, ms | no free connection | lost |",
      "|---|---|---|---|---|---|---|---|"
    ]
    process.stdout.write(
      `${[...head, ...rows, "", `at five times the capacity, relative to the best: ${ratio.toFixed(2)} (bound: >= ${bound})`].join("\n")}\n`
    )
    if (ratio < bound) process.exitCode = 1
  })
})

moveToLoadCore()
await Effect.runPromise(Effect.scoped(program))
