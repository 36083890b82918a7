import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Queue, Redacted, Stream } from "effect"
import { FetchHttpClient, HttpClient, HttpClientError } from "effect/http"
import {
  Forbidden,
  IdempotencyKeyReused,
  Invalid,
  NotFound,
  PostId,
  RateLimited,
  ServiceUnavailable,
  TbgClient,
  Unauthorized
} from "../../src/client/TbgClient.ts"
import type { ClientOptions } from "../../src/client/TbgClient.ts"
import { tcpProxy } from "../support/TcpProxy.ts"
import { short } from "../support/TeamRoutes.ts"
import { teamServer } from "../support/TeamServer.ts"
import { testServer } from "../support/TestServer.ts"

const clientOf = (options: ClientOptions) => TbgClient.pipe(Effect.provide(TbgClient.layer(options)))

/** The whole service over a real Postgres, and a client with a key of the team `alpha`. */
const served = Effect.fnUntraced(function* (
  variables: Record<string, string> = {},
  options: Partial<ClientOptions> = {}
) {
  const { alpha, service } = yield* teamServer(testServer, variables)
  const all = { baseUrl: service, apiKey: Redacted.make(alpha.token), ...options }
  return { service, token: alpha.token, all, client: yield* clientOf(all) }
})

const nowhere = PostId.make("0192f0c1-2345-7abc-8def-0123456789ab")

describe("the client, against the live service", () => {
  it.live("writes, reads, deletes and restores a post", () =>
    Effect.gen(function* () {
      const { client } = yield* served()
      const posts = client.team("alpha")
      const parent = yield* posts.create(short)
      const reply = yield* posts.create({ ...short, tags: ["one"], parent_post_id: parent.id })
      assert.deepStrictEqual(yield* posts.get(reply.id), reply)
      yield* posts.remove(reply.id)
      assert.instanceOf(yield* Effect.flip(posts.get(reply.id)), NotFound)
      assert.deepStrictEqual(yield* posts.restore(reply.id), reply)
      const { has_more, posts: listed, total } = yield* posts.list({ limit: 1 })
      assert.deepStrictEqual({ has_more, listed, total }, { has_more: true, listed: [reply], total: 2 })
    })
  )

  it.live("streams all posts over their pages, each once, while others are written", () =>
    Effect.gen(function* () {
      const { client } = yield* served()
      const posts = client.team("alpha")
      const written = yield* Effect.forEach(Array.from({ length: 25 }), () => posts.create(short))
      const told = yield* posts.all({ limit: 10 }).pipe(
        Stream.tap(() => posts.create(short)),
        Stream.map(({ id }) => id),
        Stream.runCollect
      )
      assert.deepStrictEqual(told, written.map(({ id }) => id).toReversed())
    })
  )

  it.live("fails with what the contract declares", () =>
    Effect.gen(function* () {
      const { all, client, service } = yield* served()
      const posts = client.team("alpha")
      const stranger = yield* clientOf({ baseUrl: service })
      assert.instanceOf(yield* Effect.flip(stranger.team("alpha").list()), Unauthorized)
      assert.instanceOf(yield* Effect.flip(client.team("beta").list()), Forbidden)
      assert.instanceOf(yield* Effect.flip(posts.get(nowhere)), NotFound)
      assert.instanceOf(yield* Effect.flip(client.calls.Identity.me()), Unauthorized)
      yield* posts.create(short, { idempotencyKey: "one" })
      const other = { ...short, content: "Another" }
      assert.instanceOf(yield* Effect.flip(posts.create(other, { idempotencyKey: "one" })), IdempotencyKeyReused)
      const elsewhere = yield* clientOf({ ...all, baseUrl: `${service}/elsewhere` })
      assert.isTrue(HttpClientError.isHttpClientError(yield* Effect.flip(elsewhere.calls.Health.version())))
    })
  )

  it.live("tells all that was invalid, as the service found it", () =>
    Effect.gen(function* () {
      const { client } = yield* served()
      const failure = yield* Effect.flip(client.team("alpha").list({ cursor: "no-cursor" }))
      assert.instanceOf(failure, Invalid)
      assert.deepStrictEqual(
        failure.errors.map(({ path }) => path),
        ["cursor"]
      )
    })
  )

  it.live("under 429, comes back when Retry-After says, and then succeeds", () =>
    Effect.gen(function* () {
      const limits = {
        TBG_RATE_LIMIT_MODE: "enforce",
        TBG_RATE_LIMIT_KEY_REQUESTS: "2",
        TBG_RATE_LIMIT_WINDOW_SECONDS: "1"
      }
      const { all, client } = yield* served(limits)
      const hasty = yield* clientOf({ ...all, retries: 0 })
      const posts = client.team("alpha")
      yield* posts.create(short)
      yield* posts.create(short)
      assert.instanceOf(yield* Effect.flip(hasty.team("alpha").list()), RateLimited)
      yield* posts.create(short)
      assert.strictEqual((yield* posts.list()).total, 3)
    })
  )

  it.live("under 503, comes back and succeeds once the database does", () =>
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
      assert.instanceOf(yield* Effect.flip(hasty.team("alpha").list()), ServiceUnavailable)
      const written = yield* Effect.forkChild(patient.team("alpha").create(short))
      assert.strictEqual(yield* Queue.take(statuses), 503)
      yield* service.database.normal
      const post = yield* Fiber.join(written)
      assert.deepStrictEqual((yield* hasty.team("alpha").list()).posts, [post])
    }).pipe(Effect.provide(FetchHttpClient.layer))
  )

  it.live("writes once over a connection that drops with the answer", () =>
    Effect.gen(function* () {
      const { all, client, service } = yield* served()
      const proxy = yield* tcpProxy(Number(new URL(service).port))
      const dropped = yield* clientOf({ ...all, baseUrl: `http://127.0.0.1:${proxy.port}` })
      yield* proxy.cutReplies(40, 2)
      const post = yield* dropped.team("alpha").create(short)
      const { posts, total } = yield* client.team("alpha").list()
      assert.deepStrictEqual({ posts, total }, { posts: [post], total: 1 })
    })
  )

  it.live("reads over a connection that drops within the body", () =>
    Effect.gen(function* () {
      const { all, client, service } = yield* served()
      const content = "x".repeat(9000)
      const { id } = yield* client.team("alpha").create({ ...short, content })
      const proxy = yield* tcpProxy(Number(new URL(service).port))
      const dropped = yield* clientOf({ ...all, baseUrl: `http://127.0.0.1:${proxy.port}` })
      yield* proxy.cutReplies(4000, 1)
      assert.strictEqual((yield* dropped.team("alpha").get(id)).content, content)
    })
  )
})
