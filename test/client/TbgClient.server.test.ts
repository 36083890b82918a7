import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Queue, Redacted, Stream } from "effect"
import { FetchHttpClient, HttpClient } from "effect/http"
import { paginate, TbgClient } from "../../clients/typescript/src/index.ts"
import type { ClientOptions } from "../../clients/typescript/src/index.ts"
import { tcpProxy } from "../support/TcpProxy.ts"
import { short } from "../support/TeamRoutes.ts"
import { teamServer } from "../support/TeamServer.ts"
import { testServer } from "../support/TestServer.ts"

const clientOf = (options: ClientOptions) => TbgClient.pipe(Effect.provide(TbgClient.layer(options)))

/** The service over a real Postgres, and a client with a key of team `alpha`. */
const served = Effect.fnUntraced(function* (
  variables: Record<string, string> = {},
  options: Partial<ClientOptions> = {}
) {
  const { alpha, service } = yield* teamServer(testServer, variables)
  const all = { baseUrl: service, apiKey: Redacted.make(alpha.token), ...options }
  return { service, token: alpha.token, all, client: yield* clientOf(all) }
})

type Client = TbgClient["Service"]

const nowhere = "0192f0c1-2345-7abc-8def-0123456789ab"
const params = { team: "alpha" }
type Payload = Parameters<Client["Posts"]["create"]>[0]["payload"]

const create = (client: Client, payload: Payload = short, headers = {}) =>
  Effect.map(client.Posts.create({ params, headers, payload }), ({ body }) => body.post)
const list = (client: Client, query = {}) => Effect.map(client.Posts.list({ params, query }), ({ body }) => body)
const get = (client: Client, id: string) =>
  Effect.map(client.Posts.get({ params: { ...params, id } }), ({ body }) => body?.post)

describe("the client against the running service", () => {
  it.live("creates, reads, deletes and restores a post", () =>
    Effect.gen(function* () {
      const { client } = yield* served()
      const parent = yield* create(client, short)
      const reply = yield* create(client, { ...short, tags: ["one"], parent_post_id: parent.id })
      assert.deepStrictEqual(yield* get(client, reply.id), reply)
      yield* client.Posts.remove({ params: { ...params, id: reply.id } })
      assert.strictEqual((yield* Effect.flip(get(client, reply.id)))._tag, "NotFound")
      assert.deepStrictEqual((yield* client.Posts.restore({ params: { ...params, id: reply.id } })).post, reply)
      const { has_more, posts: listed, total } = yield* list(client, { limit: 1 })
      assert.deepStrictEqual({ has_more, listed, total }, { has_more: true, listed: [reply], total: 2 })
    })
  )

  it.live("streams each post once over several pages while others are written", () =>
    Effect.gen(function* () {
      const { client } = yield* served()
      const written = yield* Effect.forEach(Array.from({ length: 25 }), () => create(client, short))
      const listedIds = yield* paginate((cursor) =>
        client.Posts.list({ params, query: { limit: 10, ...cursor } })
      ).pipe(
        Stream.flatMap(({ posts }) => Stream.fromIterable(posts)),
        Stream.tap(() => create(client)),
        Stream.map(({ id }) => id),
        Stream.runCollect
      )
      assert.deepStrictEqual(listedIds, written.map(({ id }) => id).toReversed())
    })
  )

  it.live("reads the weekly game before its first share", () =>
    Effect.gen(function* () {
      const { client } = yield* served()
      const { body } = yield* client.Weeks.board({ query: { board: "work", limit: 3 } })
      assert.deepInclude(body, { status: "open", entries: [], total: 0, next_cursor: null })
      const params = { week: body?.week ?? "" }
      const report = yield* client.Weeks.week({ params })
      assert.deepInclude(report.body, { ...params, digest: null, amendments: [] })
      const address = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
      const failures = [
        yield* Effect.flip(client.Weeks.board({ query: { week: "2026-W01" } })),
        yield* Effect.flip(client.Weeks.week({ params: { week: "2026-W01" } })),
        yield* Effect.flip(client.Weeks.standing({ params: { address } })),
        yield* Effect.flip(client.Weeks.history({ params: { address } }))
      ]
      assert.deepStrictEqual(new Set(failures.map(({ _tag }) => _tag)), new Set(["NotFound"]))
      assert.strictEqual((yield* Effect.flip(client.Weeks.board({ query: { week: "2025-W53" } })))._tag, "Invalid")
    })
  )

  it.live("fails with the errors of the contract", () =>
    Effect.gen(function* () {
      const { all, client, service } = yield* served()
      const stranger = yield* clientOf({ baseUrl: service })
      assert.strictEqual((yield* Effect.flip(list(stranger)))._tag, "Unauthorized")
      assert.strictEqual((yield* Effect.flip(client.Posts.list({ params: { team: "beta" } })))._tag, "Forbidden")
      assert.strictEqual((yield* Effect.flip(get(client, nowhere)))._tag, "NotFound")
      assert.strictEqual((yield* Effect.flip(client.Identity.me()))._tag, "Unauthorized")
      yield* create(client, short, { "idempotency-key": "one" })
      const other = { ...short, content: "Another" }
      assert.strictEqual(
        (yield* Effect.flip(create(client, other, { "idempotency-key": "one" })))._tag,
        "IdempotencyKeyReused"
      )
      const elsewhere = yield* clientOf({ ...all, baseUrl: `${service}/elsewhere` })
      assert.strictEqual((yield* Effect.flip(elsewhere.Health.version()))._tag, "NotFound")
    })
  )

  it.live("reports every validation error of the service", () =>
    Effect.gen(function* () {
      const { client } = yield* served()
      const failure = yield* Effect.flip(list(client, { cursor: "no-cursor" }))
      assert(failure._tag === "Invalid")
      assert.deepStrictEqual(
        failure.errors.map(({ path }) => path),
        ["cursor"]
      )
    })
  )

  it.live("waits for Retry-After after 429, then succeeds", () =>
    Effect.gen(function* () {
      const limits = {
        TBG_RATE_LIMIT_MODE: "enforce",
        TBG_RATE_LIMIT_KEY_REQUESTS: "2",
        TBG_RATE_LIMIT_WINDOW_SECONDS: "1"
      }
      const { all, client } = yield* served(limits)
      const hasty = yield* clientOf({ ...all, retries: 0 })
      yield* create(client, short)
      yield* create(client, short)
      assert.strictEqual((yield* Effect.flip(list(hasty)))._tag, "RateLimited")
      yield* create(client, short)
      assert.strictEqual((yield* list(client)).total, 3)
    })
  )

  it.live("retries after 503, and succeeds once the database is available", () =>
    Effect.gen(function* () {
      const overProxy = Effect.fnUntraced(function* (variables: Record<string, string>) {
        const url = new URL(variables["TBG_DATABASE_URL"] ?? "")
        const database = yield* tcpProxy(Number(url.port))
        url.host = `127.0.0.1:${database.port}`
        return { database, address: yield* testServer({ ...variables, TBG_DATABASE_URL: url.href }) }
      })
      const { alpha, service } = yield* teamServer(overProxy)
      const all = { baseUrl: service.address, apiKey: Redacted.make(alpha.token) }
      const statuses = yield* Queue.unbounded<number>()
      const noted = HttpClient.tap(yield* HttpClient.HttpClient, ({ status }) => Queue.offer(statuses, status))
      const patient = yield* TbgClient.pipe(
        Effect.provide(TbgClient.layerHttpClient(all)),
        Effect.provideService(HttpClient.HttpClient, noted)
      )
      const hasty = yield* clientOf({ ...all, retries: 0 })
      yield* service.database.reset
      assert.strictEqual((yield* Effect.flip(list(hasty)))._tag, "ServiceUnavailable")
      const written = yield* Effect.forkChild(create(patient, short))
      assert.strictEqual(yield* Queue.take(statuses), 503)
      yield* service.database.normal
      const post = yield* Fiber.join(written)
      assert.deepStrictEqual((yield* list(hasty)).posts, [post])
    }).pipe(Effect.provide(FetchHttpClient.layer))
  )

  it.live("writes once if the connection drops during the response", () =>
    Effect.gen(function* () {
      const { all, client, service } = yield* served()
      const proxy = yield* tcpProxy(Number(new URL(service).port))
      const dropped = yield* clientOf({ ...all, baseUrl: `http://127.0.0.1:${proxy.port}` })
      yield* proxy.cutReplies(40, 2)
      const post = yield* create(dropped, short)
      const { posts, total } = yield* list(client)
      assert.deepStrictEqual({ posts, total }, { posts: [post], total: 1 })
    })
  )

  it.live("completes a read whose connection drops within the body", () =>
    Effect.gen(function* () {
      const { all, client, service } = yield* served()
      const content = "x".repeat(9000)
      const { id } = yield* create(client, { ...short, content })
      const proxy = yield* tcpProxy(Number(new URL(service).port))
      const dropped = yield* clientOf({ ...all, baseUrl: `http://127.0.0.1:${proxy.port}` })
      yield* proxy.cutReplies(4000, 1)
      assert.strictEqual((yield* get(dropped, id))?.content, content)
    })
  )
})
