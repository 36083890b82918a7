// Posts of a team as a typical Fastify plugin with `pg`: a pool, prepared statements, validation and serialization by
// schema. Keys and key cache are those of the service. The posts are in a plain table with indexes for the two queries,
// without row-level security, foreign keys, counter or idempotency.
import type { FastifyInstance, FastifyRequest, RawServerDefault } from "fastify"
import { createHmac, randomUUIDv7, timingSafeEqual } from "node:crypto"
import type { IncomingMessage, ServerResponse } from "node:http"
import type { Logger } from "pino"
import { Pool } from "pg"

type Server = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, Logger>

interface Caller {
  readonly id: string
  readonly name: string
}

interface PostRow {
  readonly id: string
  readonly author_name: string
  readonly content: string
  readonly tags: ReadonlyArray<string> | null
  readonly timestamp: string
  readonly parent_post_id: string | null
}

interface ListRoute {
  readonly Params: { readonly team: string }
  readonly Querystring: { readonly limit: number; readonly offset: number }
}

interface CreateRoute {
  readonly Params: { readonly team: string }
  readonly Body: Pick<PostRow, "author_name" | "content"> & Partial<Pick<PostRow, "tags" | "parent_post_id">>
}

declare module "fastify" {
  interface FastifyRequest {
    team: Caller | undefined
  }
}

const text = { type: "string" }
const optionalText = { type: ["string", "null"] }
const tags = { type: ["array", "null"], items: text }
const post = {
  type: "object",
  properties: {
    id: text,
    team: text,
    author_name: text,
    content: text,
    tags,
    timestamp: text,
    parent_post_id: optionalText
  }
}
const listSchema = {
  querystring: {
    type: "object",
    properties: {
      limit: { type: "integer", minimum: 1, maximum: 100, default: 10 },
      offset: { type: "integer", minimum: 0, default: 0 }
    }
  },
  response: {
    200: {
      type: "object",
      properties: { posts: { type: "array", items: post }, total: { type: "integer" }, has_more: { type: "boolean" } }
    }
  }
}
const createSchema = {
  body: {
    type: "object",
    required: ["author_name", "content"],
    properties: {
      author_name: { ...text, minLength: 1, maxLength: 100 },
      content: { ...text, minLength: 1, maxLength: 10_000 },
      tags: { ...tags, maxItems: 20, items: { ...text, minLength: 1, maxLength: 50 } },
      parent_post_id: optionalText
    }
  },
  response: { 201: { type: "object", properties: { post } } }
}

const cacheMs = 5000
const columns = `id, author_name, content, tags,
  to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS timestamp, parent_post_id`

const table = `CREATE TABLE IF NOT EXISTS peer_posts (id uuid PRIMARY KEY, team_id uuid NOT NULL,
  author_name text NOT NULL, content text NOT NULL, tags text[], parent_post_id uuid, created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL, deleted_at timestamptz);
  CREATE INDEX IF NOT EXISTS peer_posts_newest_idx ON peer_posts (team_id, created_at, id) WHERE deleted_at IS NULL`

const statements = {
  key: `SELECT k.hash, t.id, t.name FROM tbg_api.api_keys k JOIN tbg_api.teams t ON t.id = k.team_id
    WHERE k.id = $1 AND k.deleted_at IS NULL AND t.deleted_at IS NULL`,
  page: `SELECT ${columns} FROM peer_posts WHERE team_id = $1 AND deleted_at IS NULL
    ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3`,
  count: "SELECT count(*)::int AS total FROM peer_posts WHERE team_id = $1 AND deleted_at IS NULL",
  insert: `INSERT INTO peer_posts (id, team_id, author_name, content, tags, parent_post_id, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, now(), now()) RETURNING ${columns}`
}

/** Adds the two routes; `secret` is the one that the keys were hashed with. */
export const addPosts = async (server: Server, url: string, secret: string): Promise<void> => {
  const pool = new Pool({ connectionString: url, max: 20, options: "-c timezone=UTC -c search_path=tbg_api,public" })
  await pool.query(table)
  const query = <Row extends object>(name: keyof typeof statements, values: ReadonlyArray<unknown>) =>
    pool.query<Row>({ name, text: statements[name], values: [...values] })
  const known = new Map<string, { readonly caller: Caller; readonly until: number }>()

  const authenticated = async ({ headers }: FastifyRequest): Promise<Caller | undefined> => {
    const token = headers.authorization?.slice("Bearer ".length) ?? ""
    const cached = known.get(token)
    if (cached !== undefined && cached.until > performance.now()) return cached.caller
    const { rows } = await query<Caller & { readonly hash: Buffer }>("key", [token.slice(4, 36)])
    const [row] = rows
    const code = createHmac("sha256", secret).update(`tbg api-key\n${token}`).digest()
    if (row === undefined || !timingSafeEqual(code, row.hash)) return undefined
    known.set(token, { caller: row, until: performance.now() + cacheMs })
    return row
  }

  server.decorateRequest("team", undefined)
  server.addHook("preHandler", async (request, reply) => {
    if (!request.url.startsWith("/v1/teams/")) return
    const team = await authenticated(request)
    if (team === undefined) return reply.code(401).send({ detail: "Not authenticated" })
    request.team = team
  })
  server.get<ListRoute>(
    "/v1/teams/:team/posts",
    { schema: listSchema },
    async ({ params, query: { limit, offset }, team }, reply) => {
      if (team === undefined || team.name !== params.team) return reply.code(403).send({ detail: "Forbidden" })
      const [page, count] = await Promise.all([
        query<PostRow>("page", [team.id, limit + 1, offset]),
        query<{ readonly total: number }>("count", [team.id])
      ])
      const posts = page.rows.slice(0, limit).map((row) => ({ ...row, team: team.name }))
      return { posts, total: count.rows[0]?.total, has_more: page.rows.length > limit }
    }
  )
  server.post<CreateRoute>("/v1/teams/:team/posts", { schema: createSchema }, async ({ body, params, team }, reply) => {
    if (team === undefined || team.name !== params.team) return reply.code(403).send({ detail: "Forbidden" })
    const { author_name, content, parent_post_id = null, tags = null } = body
    const values = [randomUUIDv7(), team.id, author_name, content, tags, parent_post_id]
    const { rows } = await query<PostRow>("insert", values)
    const [row] = rows
    reply.code(201).header("location", `/v1/teams/${team.name}/posts/${row?.id}`)
    return { post: { ...row, team: team.name } }
  })
}
