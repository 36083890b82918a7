import { assert, describe, it } from "@effect/vitest"
import { Effect, Queue, Redacted, Schema, Stream } from "effect"
import { paginate, TbgClient } from "../../clients/typescript/src/index.ts"
import type { ClientOptions } from "../../clients/typescript/src/index.ts"
import { httpStub, json } from "../support/HttpStub.ts"
import { short } from "../support/TeamRoutes.ts"

const params = { team: "alpha" }

const clientOf = (options: ClientOptions) => TbgClient.pipe(Effect.provide(TbgClient.layer(options)))

describe("what the client sends", () => {
  it.live("continues the caller's trace, and has the key for its team's routes alone", () =>
    Effect.gen(function* () {
      const stub = yield* httpStub(json({}, 404))
      const client = yield* clientOf({ baseUrl: stub.url, apiKey: Redacted.make("key"), token: Redacted.make("token") })
      const traceId = yield* Effect.gen(function* () {
        yield* Effect.ignore(client.Posts.list({ params }))
        yield* Effect.ignore(client.Identity.me())
        yield* Effect.ignore(client.Health.version())
        return (yield* Effect.currentSpan).traceId
      }).pipe(Effect.withSpan("caller"))
      const sent = (yield* Queue.takeAll(stub.arrived)).map(({ headers }) => headers)
      assert.deepStrictEqual(
        sent.map(({ authorization }) => authorization),
        ["Bearer key", "Bearer token", undefined]
      )
      for (const { traceparent } of sent)
        assert.match(String(traceparent), new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`, "u"))
    })
  )

  it.live("asks for no more pages than are taken", () =>
    Effect.gen(function* () {
      const stub = yield* httpStub(json({ posts: [], total: 0, has_more: true, next_cursor: "more" }))
      const client = yield* clientOf({ baseUrl: stub.url })
      const post = {
        id: "0192f0c1-2345-7abc-8def-0123456789ab",
        team: "alpha",
        ...short,
        tags: null,
        parent_post_id: null
      }
      const page = [{ ...post, timestamp: "2026-11-21T12:00:00.000000Z" }]
      stub.responds(json({ posts: page, total: 9, has_more: true, next_cursor: "more" }))
      yield* paginate((cursor) => client.Posts.list({ params, query: { limit: 1, ...cursor } })).pipe(
        Stream.take(2),
        Stream.runDrain
      )
      const asked = (yield* Queue.takeAll(stub.arrived)).map(({ url }) => url)
      const path = "/v1/teams/alpha/posts?limit=1"
      assert.deepStrictEqual(asked, [path, `${path}&cursor=more`])
    })
  )

  it.live("does not send what the contract does not allow", () =>
    Effect.gen(function* () {
      const client = yield* clientOf({ baseUrl: "http://127.0.0.1:1" })
      assert.isTrue(
        Schema.isSchemaError(yield* Effect.flip(client.Posts.create({ params, payload: { ...short, content: "" } })))
      )
    })
  )
})
