// Throughput of creating and listing posts on a durable Postgres, compared with Fastify and `pg` (pool of 20), with
// commits delayed by 0, 2 and 5 ms. Then the latency of eight readers of one post, alone and together with two callers of
// slow pages. Arguments: rounds (5) and seconds per round (3). Needs Linux with two cores, and `npm run build`.
import { Effect } from "effect"
import { join } from "node:path"
import { Client } from "pg"
import { durable, throwawayPostgresWith } from "../test/support/ThrowawayPostgres.ts"
import { throwawayRedis } from "../test/support/ThrowawayRedis.ts"
import { ample } from "./Backends.ts"
import { commandsOf } from "./Commands.ts"
import { measure, report, spread } from "./Comparison.ts"
import { moveToLoadCore, pinnedServer } from "./PinnedServer.ts"
import type { PinnedServer } from "./PinnedServer.ts"
import { medianLatency } from "./Readers.ts"
import { measuredRound } from "./Round.ts"
import type { Load } from "./Round.ts"
import { writePosts } from "./WrittenPosts.ts"

const [rounds = 5, seconds = 3] = process.argv.slice(2).map(Number)

const names = ["service", "fastify"] as const
const titles = { service: "this service", fastify: "Fastify with pg" }

/** Minimum ratio of creates to Fastify's, by commit delay in microseconds. */
const delays = [
  { delay: 0, least: 0.7 },
  { delay: 2000, least: 0.7 },
  { delay: 5000, least: 0.9 }
]

/** Fills team `big` with 300,000 posts; returns the id of one. */
const fillTeam = async (client: Client): Promise<string> => {
  await client.query(`
    INSERT INTO posts (id, team_id, author_name, content, tags, created_at, updated_at)
    SELECT gen_random_uuid(), teams.id, 'Ada', repeat('x', 200), ARRAY['a', 'b'], at, at
    FROM teams, generate_series(1, 300000) n, LATERAL (SELECT now() - n * interval '1 second' AS at) t
    WHERE teams.name = 'big'`)
  await client.query("VACUUM ANALYZE posts")
  const { rows } = await client.query<{ id: string }>(
    "SELECT p.id FROM posts p JOIN teams t ON t.id = p.team_id WHERE t.name = 'big' LIMIT 1"
  )
  return rows[0]?.id ?? ""
}

/** Delays every commit from now on, even if no other transaction is active. */
const delayCommits = async (client: Client, microseconds: number): Promise<void> => {
  await client.query(`ALTER SYSTEM SET commit_delay = ${microseconds}`)
  await client.query("SELECT pg_reload_conf()")
}

const prepared = Effect.gen(function* () {
  const settings = { ...durable, shared_buffers: "128MB", commit_siblings: "0" }
  const postgres = yield* throwawayPostgresWith({ settings })
  const redis = yield* throwawayRedis()
  const variables = {
    TBG_ENVIRONMENT: "test",
    TBG_DATABASE_URL: postgres.url,
    TBG_REDIS_URL: redis.url,
    TBG_SECRET_KEY: "a-secret-that-only-benchmarks-have",
    ...ample
  }
  const tbg = commandsOf("dist/main.js", variables)
  tbg("migrate", "up")
  const keyOf = (team: string) => {
    tbg("teams", "create", team)
    return { authorization: `Bearer ${tbg("keys", "create", "--team", team)}`, "content-type": "application/json" }
  }
  const keys = { lists: keyOf("lists"), writes: keyOf("writes"), big: keyOf("big") }
  const client = yield* Effect.acquireRelease(
    Effect.promise(async () => {
      const client = new Client({ connectionString: postgres.url, options: "-c search_path=tbg_api,public" })
      await client.connect()
      return client
    }),
    (client) => Effect.promise(() => client.end())
  )
  const peer = join(import.meta.dirname, "peers", "fastify.ts")
  const servers = {
    service: yield* pinnedServer(["dist/main.js", "serve"], variables),
    fastify: yield* pinnedServer([peer], variables)
  }
  return { client, keys, servers }
})
type Prepared = Effect.Success<typeof prepared>

const comparePosts = async ({ client, keys, servers }: Prepared): Promise<void> => {
  const lists = "/v1/teams/lists/posts"
  const bodies = [servers.service, servers.fastify].map(({ url }) => writePosts(url + lists, keys.lists, 1000))
  const [body = ""] = await Promise.all(bodies)
  const load = { path: "/v1/teams/writes/posts", seconds, headers: keys.writes, body, method: "POST" } as const
  const list = { path: `${lists}?limit=20`, seconds, headers: keys.lists }
  const compare = async (title: string, load: Load, least: number) => {
    const measured = await measure(rounds, async () => ({
      service: await measuredRound(servers.service, load),
      fastify: await measuredRound(servers.fastify, load)
    }))
    const text = report(title, titles, names, measured, [
      [
        "throughput, this service / Fastify",
        ({ fastify, service }) => service.perSecond / fastify.perSecond,
        `>= ${least}`
      ]
    ])
    process.stdout.write(`${text}\n`)
  }
  for (const { delay, least } of delays) {
    await delayCommits(client, delay)
    // Autovacuum may not have analyzed the latest posts yet. Without statistics, Postgres picks bad plans.
    await client.query("VACUUM ANALYZE")
    const commits = `commits delayed by ${delay / 1000} ms`
    await compare(`list 20 of 1,000 posts, ${commits}`, list, 1.3)
    await compare(`create a post, ${commits}`, load, least)
  }
  await delayCommits(client, 0)
}

const compareReaders = async (server: PinnedServer, { client, keys: { big: headers } }: Prepared): Promise<void> => {
  const path = "/v1/teams/big/posts"
  const post = { path: `${path}/${await fillTeam(client)}`, headers, callers: 8, seconds }
  const page = { path: `${path}?limit=100&offset=10000`, headers, callers: 2, seconds }
  const pairs: Array<readonly [alone: number, beside: number]> = []
  await medianLatency(server, post)
  for (let round = 0; round < rounds; round++) {
    const alone = await medianLatency(server, post)
    const [beside] = await Promise.all([medianLatency(server, post), medianLatency(server, page)])
    pairs.push([alone, beside])
  }
  process.stdout.write(
    [
      "eight readers of one post: median latency in ms, median of the rounds (min to max)",
      `alone: ${spread(pairs.map(([alone]) => alone))}`,
      `with two callers of limit=100&offset=10000: ${spread(pairs.map(([, beside]) => beside))}`,
      `ratio (<= 6): ${spread(pairs.map(([alone, beside]) => beside / alone))}\n`
    ].join("\n")
  )
}

const program = Effect.gen(function* () {
  const all = yield* prepared
  yield* Effect.promise(() => comparePosts(all))
  yield* Effect.promise(() => compareReaders(all.servers.service, all))
})

moveToLoadCore()
await Effect.runPromise(Effect.scoped(program))
