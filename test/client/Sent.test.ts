import { assert, describe, it } from "@effect/vitest"
import { Effect, Queue, Redacted, Stream } from "effect"
import { isApiError, paginate, TbgClient } from "../../clients/typescript/src/index.ts"
import type { ClientOptions } from "../../clients/typescript/src/index.ts"
import { httpStub, json } from "../support/HttpStub.ts"
import { short } from "../support/TeamRoutes.ts"

const params = { team: "alpha" }

const clientOf = (options: ClientOptions) => TbgClient.pipe(Effect.provide(TbgClient.layer(options)))

const rejected = (call: Effect.Effect<unknown, unknown>) =>
  Effect.flatMap(Effect.flip(call), (error) => (isApiError(error) ? Effect.succeed(error) : Effect.die(error)))

describe("requests of the client", () => {
  it.live("continue the caller's trace, and send the key only to team routes", () =>
    Effect.gen(function* () {
      const stub = yield* httpStub(json({}, 404))
      const client = yield* clientOf({
        baseUrl: stub.url,
        apiKey: Redacted.make("key"),
        token: Redacted.make("token"),
        accessToken: Redacted.make("access")
      })
      const traceId = yield* Effect.gen(function* () {
        yield* Effect.ignore(client.Posts.list({ params }))
        yield* Effect.ignore(client.Identity.me())
        yield* Effect.ignore(client.Users.me())
        yield* Effect.ignore(client.Health.version())
        return (yield* Effect.currentSpan).traceId
      }).pipe(Effect.withSpan("caller"))
      const sent = (yield* Queue.takeAll(stub.arrived)).map(({ headers }) => headers)
      assert.deepStrictEqual(
        sent.map(({ authorization }) => authorization),
        ["Bearer key", "Bearer token", "Bearer access", undefined]
      )
      for (const { traceparent } of sent)
        assert.match(String(traceparent), new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`, "u"))
    })
  )

  it.live("ask for the most detailed error format, and return all of it", () =>
    Effect.gen(function* () {
      const details = { request_id: "r", doc_url: "/errors/validation-error", param: "content", hint: "Shorten it" }
      const errors = [{ path: "content", message: "Expected less" }]
      const envelope = { error: "Validation error", code: "VALIDATION_ERROR", details: { ...details, errors } }
      const stub = yield* httpStub(json(envelope, 422))
      const client = yield* clientOf({ baseUrl: `${stub.url}/`, retries: 0 })
      const error = yield* Effect.flip(client.Posts.list({ params }))
      const docUrl = `${stub.url}/errors/validation-error`
      assert.deepInclude(error, { _tag: "Invalid", errors, param: "content", hint: "Shorten it", docUrl })
      assert.strictEqual(error.message, "Validation error")
      const problem = { type: "/errors/overloaded", detail: "Service overloaded", code: "OVERLOADED" }
      stub.responds(json(problem, 503))
      const other = yield* Effect.flip(client.Identity.me())
      assert.deepInclude(other, { _tag: "Overloaded", hint: undefined, docUrl: `${stub.url}/errors/overloaded` })
      const accepted = (yield* Queue.takeAll(stub.arrived)).map(({ headers }) => headers.accept?.split(",")[0])
      assert.deepStrictEqual(new Set(accepted), new Set(["application/json", "application/problem+json"]))
    })
  )

  it.live("fetch no more pages than are consumed", () =>
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

  it.live("are not sent if the input is invalid, and fail like a 422 of the service", () =>
    Effect.gen(function* () {
      const client = yield* clientOf({ baseUrl: "http://127.0.0.1:1" })
      const tags = ["a", ""]
      const calls = [
        client.Posts.create({ params, payload: { ...short, content: "" } }),
        client.Posts.create({ params, payload: { ...short, tags } }),
        client.Posts.create({ params, payload: short, headers: { "idempotency-key": "" } }),
        client.Posts.list({ params, query: { limit: 1000 } }),
        client.Posts.get({ params: { ...params, id: "none" } })
      ]
      const errors = yield* Effect.forEach(calls, rejected)
      assert.isTrue(errors.every(({ code, status }) => code === "VALIDATION_ERROR" && status === 422))
      assert.deepStrictEqual(
        errors.map((error) => error.errors.map(({ path }) => path)),
        [["content"], ["tags[1]"], ["idempotency-key"], ["limit"], ["id"]]
      )
      assert.strictEqual(errors[0]?.errors[0]?.message, "Expected a string with between 1 and 10000 code points")
    })
  )
})
