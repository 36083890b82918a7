import { Predicate } from "effect"
import type { JsonSchema } from "effect"
import { namedIn } from "./References.ts"

type Described = Readonly<Record<string, string>>

const readiness = {
  status: "`ready`; `degraded` where a dependency is away; `draining` once the service is about to end",
  checks: "Each dependency: `ok`, or `error:` and one word for why"
}
const versions = {
  version: "Of the service",
  uptime_seconds: "Since the process began"
}
const databaseHealth = {
  status: "Whether Postgres answers",
  response_time_ms: "What one round trip took, or how long was waited in vain",
  pool: "Sessions with Postgres, and callers that wait for one",
  migration: "The newest applied step of the schema; null when not known",
  drift: "Whether the schema differs from what the service was made for; `unknown` until it has looked"
}
const newPost = {
  author_name: "Author's display name, on one line",
  content: "The text; newline and tab are the only control characters in it",
  tags: "Tags; null if there are none",
  parent_post_id: "The post of the same team that it answers; null where it begins a thread"
}

/** What a member of a schema means, by the name of both, where the contract does not say so itself. */
const fields: Readonly<Record<string, Described>> = {
  Healthy: { status: "The process runs" },
  Ready: readiness,
  NotReady: readiness,
  Version: {
    ...versions,
    environment: "Where it runs: `development`, `test`, `staging` or `production`",
    build_sha: "The commit that it was built from; `dev` where nobody said so"
  },
  DatabaseHealth: databaseHealth,
  DatabaseUnhealthy: databaseHealth,
  PublicHealth: { status: "The process runs", ...versions },
  Identity: {
    subject: "Whom the token speaks for, as its provider names them",
    provider: "Who issued the token",
    claims: "All that the token says"
  },
  Healthz: { status: "The process runs", buildSha: "The commit that it was built from" },
  Limits: { limits: "One for each policy that counts this caller" },
  Limit: {
    limit: "Requests that the window admits",
    remaining: "Requests left",
    window_seconds: "How long a request counts"
  },
  NewPost: {
    ...newPost,
    author_name: "Author's display name, on one line; not blank",
    tags: "Tags, none blank; null if there are none"
  },
  OnePost: { post: "The post as it is now" },
  Post: {
    ...newPost,
    id: "A UUIDv7, given by the service",
    team: "The team's name",
    timestamp: "When it was written: RFC 3339, in UTC, with microseconds"
  },
  PostPage: { posts: "Newest first", has_more: "Whether there is another page" }
}

/** The same of parameters and of the headers of responses, whose names mean one thing everywhere. */
const elsewhere: Described = {
  id: "The post's id, a UUID",
  cursor: "`next_cursor` of the page before; not beside `offset`",
  "idempotency-key":
    "1 to 255 visible characters of the caller's choice, such as a UUID; other API keys may use the same",
  location: "The path of the new post",
  "idempotency-replayed": "`true` where the request was answered before, and this is that answer"
}

interface Part {
  readonly description?: string
  readonly schema?: object
}

/** The contract describes the value of a parameter or a header; readers look for that beside its name. */
const ofValue = ({ schema }: Part): string | undefined =>
  Predicate.hasProperty(schema, "description") && Predicate.isString(schema.description)
    ? schema.description
    : undefined

/** A parameter or a header that says what it is. */
export const withMeaning = <A extends Part>(name: string, part: A): A => {
  const description = part.description ?? ofValue(part) ?? elsewhere[name]
  return description === undefined ? part : { ...part, description }
}

/** A schema whose members all say what they are. */
export const withFields = (name: string, schema: JsonSchema.JsonSchema): JsonSchema.JsonSchema => {
  const { properties } = schema
  const known = namedIn(fields, name)
  if (known === undefined || !Predicate.isObject(properties)) return schema
  const told = Object.entries(properties).map(([field, of]) => {
    const description = known[field]
    const isTold = !Predicate.isObject(of) || Predicate.hasProperty(of, "description") || description === undefined
    return [field, isTold ? of : { ...of, description }] as const
  })
  return { ...schema, properties: Object.fromEntries(told) }
}
