// Cost of a request by connections, body size, posts of a team, rate-limit keys and replicas. The points of a curve take
// turns, so that other load on the machine affects them alike. Prints a table per curve, and Mermaid charts.
// Arguments: rounds (5) and seconds per round (1). Needs Linux with two cores, and `npm run build`.
import { Effect, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { testClient } from "../test/support/TestDatabase.ts"
import { ample, backends } from "./Backends.ts"
import { addressesOf } from "./Addresses.ts"
import { commandsOf } from "./Commands.ts"
import { measure } from "./Comparison.ts"
import type { Rounds } from "./Comparison.ts"
import { chartOf, tableOf } from "./Curve.ts"
import type { Curve } from "./Curve.ts"
import { moveToLoadCore, pinnedServer } from "./PinnedServer.ts"
import type { PinnedServer } from "./PinnedServer.ts"
import { measuredRound, send } from "./Round.ts"
import type { Load, Round } from "./Round.ts"

const [rounds = 5, seconds = 1] = process.argv.slice(2).map(Number)

/** Longer than the benchmark, so that no key expires. */
const windowSeconds = "3600"

const started = Effect.gen(function* () {
  const variables = { ...(yield* backends), ...ample, TBG_TRUSTED_PROXIES: "127.0.0.1" }
  const tbg = commandsOf("dist/main.js", variables)
  tbg("migrate", "up")
  return {
    url: Redacted.make(variables.TBG_DATABASE_URL),
    variables,
    tbg,
    server: pinnedServer(["dist/main.js", "serve"], variables)
  }
})

type Tbg = ReturnType<typeof commandsOf>

/** Creates a team with posts; returns its path and the headers of its key. */
const teamWith = Effect.fnUntraced(function* (posts: number, tbg: Tbg, url: Redacted.Redacted) {
  const name = `posts-${posts}`
  tbg("teams", "create", name)
  const key = tbg("keys", "create", "--team", name)
  yield* Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`
      INSERT INTO tbg_api.posts SELECT gen_random_uuid(), t.id, 'Ada', repeat('x', 200), ARRAY['a', 'b'], NULL, at, at
      FROM tbg_api.teams t, generate_series(1, ${posts}::int) n,
        LATERAL (SELECT timestamptz '2026-01-01' + n * interval '1 millisecond' AS at) l
      WHERE t.name = ${name}`
  ).pipe(Effect.provide(testClient(url)))
  return { path: `/v1/teams/${name}/posts`, headers: { authorization: `Bearer ${key}` } }
})

const measured = (points: ReadonlyArray<number>, roundAt: (point: number) => Promise<Round>) =>
  Effect.promise(() =>
    measure(rounds, async () => {
      const at: Record<string, Round> = {}
      for (const point of points) at[point] = await roundAt(point)
      return at
    })
  )

const printed = (curve: Curve): Curve => {
  process.stdout.write(`${tableOf(curve)}\n`)
  return curve
}

const curve = Effect.fnUntraced(function* (
  title: string,
  unit: string,
  points: ReadonlyArray<number>,
  roundAt: (point: number) => Promise<Round>
) {
  return printed({ title, unit, points, rounds: yield* measured(points, roundAt) })
})

/** Measures several servers together, each with an equal share of the callers. */
const shared = async (servers: ReadonlyArray<PinnedServer>, load: Load): Promise<Round> => {
  const connections = Math.floor(64 / servers.length)
  const all = await Promise.all(servers.map((server) => measuredRound(server, { ...load, connections })))
  const perSecond = all.reduce((sum, one) => sum + one.perSecond, 0)
  const cpu = all.reduce((sum, one) => sum + one.cpu * one.perSecond, 0) / perSecond
  return { perSecond, cpu, p99: Math.max(...all.map(({ p99 }) => p99)) }
}

const program = Effect.gen(function* () {
  const { server, tbg, url, variables } = yield* started
  const one = yield* server
  const sizes = [100, 1000, 10_000, 100_000, 1_000_000]
  const teams = new Map(
    yield* Effect.forEach(sizes, (size) => Effect.map(teamWith(size, tbg, url), (team) => [size, team] as const))
  )
  yield* Effect.flatMap(SqlClient.SqlClient, (sql) => sql`VACUUM ANALYZE tbg_api.posts`).pipe(
    Effect.provide(testClient(url))
  )
  const small = teams.get(100)
  if (small === undefined) throw new Error("no team of 100 posts")
  const pageOf = (size: number) => ({ ...(teams.get(size) ?? small), seconds })

  const curves = [
    yield* curve("/version, limited, by connections", "connections", [1, 8, 64, 256, 512], (connections) =>
      measuredRound(one, { path: "/version", seconds, connections })
    ),
    yield* curve("list 20 posts, by connections", "connections", [1, 8, 64, 256, 512], (connections) => {
      const { headers, path } = pageOf(100)
      return measuredRound(one, { path: `${path}?limit=20`, headers, seconds, connections })
    }),
    yield* curve("list 20 posts, by posts of the team", "posts", sizes, (size) => {
      const { headers, path } = pageOf(size)
      return measuredRound(one, { path: `${path}?limit=20`, headers, seconds })
    }),
    yield* curve("create a post, by its length", "characters", [10, 100, 1000, 10_000], (length) => {
      const { headers, path } = pageOf(100)
      const body = JSON.stringify({ author_name: "Ada", content: "x".repeat(length) })
      return measuredRound(one, {
        path,
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body,
        seconds
      })
    })
  ]

  // The points of this curve are measured in order, because each adds keys to the previous one.
  const lasting = yield* pinnedServer(["dist/main.js", "serve"], {
    ...variables,
    TBG_RATE_LIMIT_WINDOW_SECONDS: windowSeconds
  })
  const keys = [100, 1000, 10_000, 100_000, 1_000_000]
  const filled: Array<Rounds<string>> = []
  for (const count of keys) {
    const load = { path: "/version", nextAddress: addressesOf(count) }
    yield* Effect.promise(() => send(lasting, load, count))
    filled.push(yield* measured([count], () => measuredRound(lasting, { ...load, seconds })))
  }
  curves.push(
    printed({ title: "/version, limited, by keys in Redis", unit: "keys", points: keys, rounds: filled.flat() })
  )

  const replicas = [one, yield* server, yield* server, yield* server]
  curves.push(
    yield* curve("/version, limited, by replicas on one core", "replicas", [1, 2, 3, 4], (count) =>
      shared(replicas.slice(0, count), { path: "/version", seconds })
    )
  )
  process.stdout.write(curves.map(chartOf).join("\n"))
})

moveToLoadCore()
await Effect.runPromise(Effect.scoped(program))
