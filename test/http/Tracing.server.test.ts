import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { inject } from "vitest"
import { byName, collector } from "../support/Collector.ts"
import { answerTo, request } from "../support/RawHttp.ts"
import { teamServer } from "../support/TeamServer.ts"
import { testProcess } from "../support/TestProcess.ts"

const callers = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7" }
const traceparent = (flags: string) => `00-${callers.traceId}-${callers.spanId}-${flags}`

/** The fields of a request's log line. */
const lineOf = (output: string, id: string): Record<string, unknown> =>
  Object(JSON.parse(output.split("\n").find((line) => line.includes(`"request_id":"${id}"`)) ?? "null"))

/** Makes the list of posts fail with a database error that names a function. */
const dropPosts = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`ALTER FUNCTION tbg_api.tbg_api_list_posts RENAME TO tbg_api_list_posts_away`
)

/** A service with teams over real servers that exports traces; returns the spans once it has exited. */
const traced = Effect.gen(function* () {
  const traces = yield* collector()
  const made = yield* teamServer(testProcess, {
    TBG_OTLP_ENDPOINT: traces.url,
    TBG_REDIS_URL: inject("redis").url,
    TBG_RATE_LIMIT_MODE: "enforce"
  })
  const { signal, exit, output, port } = made.service
  const ask = (target: string, headers: Record<string, string> = {}) =>
    answerTo(port, request(target, { headers: { Authorization: `Bearer ${made.alpha.token}`, ...headers } }))
  const ended = Effect.gen(function* () {
    yield* signal("SIGTERM")
    assert.deepStrictEqual(yield* exit, { code: 0, signal: null })
    return { output: yield* output, spans: traces.spans }
  })
  return { ...made, ask, ended, traces }
})

describe("the trace of a request", () => {
  it.live("contains its SQL, its Redis call and its service's method, and its id is on the log line", () =>
    Effect.gen(function* () {
      const { ask, ended, traces } = yield* traced
      yield* ask("/v1/teams/alpha/posts?limit=3", { "X-Request-Id": "listed", "User-Agent": "tests/1" })
      const { output, spans } = yield* ended
      assert.deepStrictEqual([...new Set(traces.paths)], ["/v1/traces"])
      const server = spans.find(({ kind }) => kind === 2)
      assert.strictEqual(server?.name, "GET /v1/teams/:team/posts")
      assert.isUndefined(server?.parentSpanId)
      assert.strictEqual(lineOf(output, "listed")["trace_id"], server?.traceId)
      assert.deepStrictEqual(server?.attributes, {
        "http.request.method": "GET",
        "http.route": "/v1/teams/:team/posts",
        "http.response.status_code": 200,
        "url.scheme": "http",
        "url.path": "/v1/teams/alpha/posts",
        "server.address": "localhost",
        "client.address": "127.0.0.1",
        "user_agent.original": "tests/1",
        "tbg.request_id": "listed",
        "tbg.team": "alpha"
      })
      const ours = spans.filter(({ traceId }) => traceId === server?.traceId)
      const redis = byName(ours).get("EVALSHA")
      assert.strictEqual(redis?.parentSpanId, server?.spanId)
      assert.strictEqual(redis?.attributes["db.system.name"], "redis")
      const method = byName(ours).get("Posts.list")
      assert.strictEqual(method?.parentSpanId, server?.spanId)
      const statement = ours.find(({ parentSpanId }) => parentSpanId === method?.spanId)
      assert.deepInclude(statement?.attributes, {
        "db.system.name": "postgresql",
        "server.address": "127.0.0.1",
        "db.query.text": "SELECT * FROM tbg_api.tbg_api_list_posts($1, $2, $3, $4, $5)"
      })
      assert.deepStrictEqual([server?.kind, redis?.kind, method?.kind, statement?.kind], [2, 3, 1, 3])
    })
  )

  it.live("continues the caller's, including its sampling decision, and does not exist for probes", () =>
    Effect.gen(function* () {
      const { ask, ended } = yield* traced
      yield* ask("/health", { traceparent: traceparent("01") })
      yield* ask("/health/db", { traceparent: traceparent("01") })
      yield* ask("/version", { traceparent: traceparent("00"), "X-Request-Id": "not-sampled" })
      yield* ask("/version", { traceparent: `${traceparent("01")}-more`, "X-Request-Id": "malformed" })
      yield* ask("/version", { traceparent: traceparent("01"), "X-Request-Id": "sampled" })
      const { output, spans } = yield* ended
      const continued = spans.filter(({ traceId }) => traceId === callers.traceId)
      assert.deepStrictEqual(continued.map(({ name }) => name).toSorted(), ["EVALSHA", "GET /version"])
      const server = byName(continued).get("GET /version")
      assert.strictEqual(server?.parentSpanId, callers.spanId)
      assert.strictEqual(server?.attributes["tbg.request_id"], "sampled")
      assert.strictEqual(lineOf(output, "not-sampled")["trace_id"], callers.traceId)
      const servers = spans.filter(({ kind }) => kind === 2)
      assert.deepStrictEqual(servers.map(({ attributes }) => String(attributes["tbg.request_id"])).toSorted(), [
        "malformed",
        "sampled"
      ])
    })
  )

  it.live("is named in a problem document, and has an error status only for 5xx", () =>
    Effect.gen(function* () {
      const { ask, client, ended } = yield* traced
      const problem = { Accept: "application/problem+json" }
      const refused = yield* ask("/v1/teams/alpha/posts?limit=0", { ...problem, "X-Request-Id": "refused" })
      const lost = yield* ask("/nothing", { ...problem, "X-Request-Id": "lost" })
      yield* Effect.provide(dropPosts, client)
      const broken = yield* ask("/v1/teams/alpha/posts", { ...problem, "X-Request-Id": "broken" })
      const plain = yield* ask("/v1/teams/alpha/posts")
      const { output, spans } = yield* ended
      assert.deepStrictEqual([refused.status, lost.status, broken.status], [422, 404, 500])
      assert.notInclude(plain.body, "trace_id")
      const problems = [refused, lost, broken].map(({ body }) => Object(JSON.parse(body)))
      const requests = problems.map(({ request_id, trace_id }) => {
        const server = spans.find(({ attributes }) => attributes["tbg.request_id"] === request_id)
        assert.strictEqual(server?.traceId, trace_id)
        assert.strictEqual(lineOf(output, String(request_id))["trace_id"], trace_id)
        return { name: server?.name, status: server?.status, error: server?.attributes["error.type"] }
      })
      assert.deepStrictEqual(requests, [
        { name: "GET /v1/teams/:team/posts", status: 1, error: undefined },
        { name: "GET", status: 1, error: undefined },
        { name: "GET /v1/teams/:team/posts", status: 2, error: "500" }
      ])
      const ofBroken = spans.filter(({ traceId }) => traceId === problems.at(-1)?.trace_id)
      assert.isAbove(ofBroken.filter(({ status }) => status === 2).length, 2)
      assert.notInclude(JSON.stringify(ofBroken), "does not exist")
      assert.include(output, "does not exist")
    })
  )
})
