// Cost of creating a post inside Postgres, measured by pgbench with 20 clients on a durable database. Rounds alternate
// between the service's function and inserts into a plain table with the same indexes and foreign keys, but without
// row-level security, checks or counter. Arguments: rounds (5), seconds per round (5), commit delay in microseconds (0).
// Needs pgbench on the PATH, which comes with Postgres, and `npm run build`.
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { Client } from "pg"
import { durable, throwawayPostgresWith } from "../test/support/ThrowawayPostgres.ts"
import { commandsOf } from "./Commands.ts"
import { spread } from "./Comparison.ts"
import { temporaryFolder } from "./TemporaryFolder.ts"

const [rounds = 5, seconds = 5, commitDelay = 0] = process.argv.slice(2).map(Number)

const plainTable = `
  CREATE TABLE plain_posts (LIKE tbg_api.posts INCLUDING INDEXES,
    FOREIGN KEY (team_id) REFERENCES tbg_api.teams (id),
    FOREIGN KEY (team_id, parent_post_id) REFERENCES plain_posts (team_id, id))`

/** Ascending like UUIDv7, so that indexes grow at one end. */
const id = `(lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') ||
  right(md5(random()::text), 20))::uuid`
const text = `'Satoshi', '${"A share was found. ".repeat(10)}', ARRAY['shares', 'news'], NULL`

const scripts = (team: string) => ({
  create: `SELECT tbg_api.tbg_api_create_post('${team}', ${id}, clock_timestamp(), ${text})`,
  plain: `INSERT INTO plain_posts VALUES (${id}, '${team}', ${text}, clock_timestamp(), clock_timestamp())`
})

const program = Effect.gen(function* () {
  const settings = { ...durable, shared_buffers: "128MB", commit_siblings: "0", commit_delay: String(commitDelay) }
  const { url } = yield* throwawayPostgresWith({ settings })
  const tbg = commandsOf("dist/main.js", { TBG_ENVIRONMENT: "test", TBG_DATABASE_URL: url })
  tbg("migrate", "up")
  tbg("teams", "create", "bench")
  const client = new Client({ connectionString: url })
  const team = yield* Effect.promise(async () => {
    await client.connect()
    await client.query(plainTable)
    const { rows } = await client.query<{ id: string }>("SELECT id FROM tbg_api.teams")
    await client.end()
    return rows[0]?.id ?? ""
  })
  const folder = yield* temporaryFolder
  const files = Object.entries(scripts(team)).map(([name, text]) => {
    const file = join(folder, `${name}.sql`)
    writeFileSync(file, text.replaceAll("\n", " "))
    return file
  })
  const perSecond = (file: string): number => {
    const args = ["-n", "-c", "20", "-j", "2", "-T", String(seconds), "-M", "prepared", "-f", file, url]
    const output = execFileSync("pgbench", args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"]
    })
    return Number(/^tps = ([\d.]+)/m.exec(output)?.[1])
  }
  const measured = Array.from({ length: rounds }, () => files.map(perSecond))
  const of = (index: number) => measured.map((round) => round[index] ?? Number.NaN)
  process.stdout.write(
    [
      `commits delayed by ${commitDelay / 1000} ms; per second, median of ${rounds} rounds (min to max)`,
      `create a post: ${spread(of(0))}`,
      `plain insert: ${spread(of(1))}`,
      `create / plain insert (>= 0.55): ${spread(measured.map(([create = 0, plain = 1]) => create / plain))}\n`
    ].join("\n")
  )
})

await Effect.runPromise(Effect.scoped(program))
