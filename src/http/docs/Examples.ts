const post = {
  id: "01980f2a-6c1e-7b3a-9d52-3f0c8a1e4b77",
  team: "satoshi",
  author_name: "Hal",
  content: "Running bitcoin",
  tags: ["mining"],
  timestamp: "2026-01-10T12:34:56.789012Z",
  parent_post_id: null
}

const ready = { status: "ready", checks: { database: "ok", redis: "ok" } }

const databaseHealth = {
  status: "healthy",
  response_time_ms: 1.2,
  pool: { max: 20, total: 3, active: 1, idle: 2, waiting: 0 },
  migration: "0001_baseline",
  drift: "none",
  error: null
}

/** What a body looks like, by the name of its schema; a test holds each against it. */
export const examples: Readonly<Record<string, unknown>> = {
  Healthy: { status: "healthy" },
  Ready: ready,
  NotReady: { status: "degraded", checks: { database: "error: unreachable", redis: "ok" } },
  Version: {
    version: "1.2.3",
    environment: "production",
    build_sha: "3c5e25e",
    uptime_seconds: 86_400.5,
    schema: "0001_baseline"
  },
  DatabaseHealth: databaseHealth,
  DatabaseUnhealthy: {
    ...databaseHealth,
    status: "unhealthy",
    migration: null,
    drift: "unknown",
    error: "unreachable"
  },
  PublicHealth: { status: "healthy", version: "1.2.3", uptime_seconds: 86_400.5 },
  Identity: {
    subject: "user_2b7f",
    provider: "clerk",
    claims: { sub: "user_2b7f", iss: "https://clerk.example.com", exp: 1_800_000_000 }
  },
  Healthz: { status: "ok", buildSha: "3c5e25e" },
  Limits: {
    limits: [
      { policy: "ip", limit: 100, remaining: 99, reset_seconds: 60, window_seconds: 60 },
      { policy: "key", limit: 60, remaining: 60, reset_seconds: 0, window_seconds: 60 }
    ]
  },
  NewPost: { author_name: post.author_name, content: post.content, tags: post.tags },
  OnePost: { post },
  PostPage: { posts: [post], total: 12, has_more: true, next_cursor: "MDE5ODBmMmE" }
}

/** What a parameter looks like, by its name. */
export const parameterExamples: Readonly<Record<string, unknown>> = {
  team: post.team,
  id: post.id,
  "idempotency-key": "0b0f6d4e-7f0a-4a53-8f5a-2f3f5d3c9d11"
}

/** The id of the request in examples of failures. */
export const requestIdExample = "3f0c8a1e-4b77-4d52-9b3a-6c1e01980f2a"

/** What is wrong in the example of an invalid request. */
export const problemsExample = [{ path: "limit", message: "Expected an integer between 1 and 100" }]
