import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Queue } from "effect"
import { TestClock } from "effect/testing"
import type { Retry } from "../../clients/typescript/src/index.ts"
import { PostId } from "../../src/domain/Post.ts"
import { failures } from "../../src/http/ErrorCodes.ts"
import type { Code } from "../../src/http/ErrorCodes.ts"
import { errorBody } from "../../src/http/middleware/ErrorResponse.ts"
import { scriptedClient } from "../support/ScriptedClient.ts"
import type { Turn } from "../support/ScriptedClient.ts"
import { short } from "../support/TeamRoutes.ts"

const id = PostId.make("0192f0c1-2345-7abc-8def-0123456789ab")
const params = { team: "alpha" }
type Client = Effect.Success<ReturnType<typeof scriptedClient>>["calls"]

const read = (calls: Client) => Effect.map(calls.Posts.get({ params: { ...params, id } }), ({ body }) => body)
const remove = (calls: Client) => calls.Posts.remove({ params: { ...params, id } })
const create = (calls: Client, headers = {}) =>
  Effect.map(calls.Posts.create({ params, headers, payload: short }), ({ body }) => body.post)

const post = {
  id,
  team: "alpha",
  ...short,
  tags: null,
  timestamp: "2026-11-21T12:00:00.000000Z",
  parent_post_id: null
}

/** A response body can be read once, so each attempt needs its own. */
const found = () => Response.json({ post }, { headers: { etag: '"1"' } })
const created = () => Response.json({ post }, { status: 201, headers: { location: `/v1/teams/alpha/posts/${id}` } })

/** An error response of the service. */
const failed = (code: Code, headers: Record<string, string> = {}) => {
  const body = JSON.stringify(errorBody("problem", { code }, { id: "r", path: "/" }))
  return new Response(body, {
    status: failures[code].status,
    headers: { "content-type": "application/problem+json", ...headers }
  })
}

/** A response whose connection ends within its body. */
const cut = () =>
  new Response(
    new ReadableStream({
      start: (controller) => {
        controller.enqueue(new TextEncoder().encode('{"post":'))
        controller.error(new TypeError("terminated"))
      }
    }),
    { headers: { "content-type": "application/json", etag: '"1"' } }
  )

const passing: ReadonlyArray<[string, () => Turn]> = [
  ["429", () => failed("RATE_LIMITED", { "retry-after": "7" })],
  ["503", () => failed("SERVICE_UNAVAILABLE", { "retry-after": "7" })],
  ["a 503 with a body that is not of this service", () => new Response("<html>", { status: 503 })],
  ["a refused connection", () => "refused"],
  ["a connection that closes within the response", cut],
  ["a response that never arrives", () => "frozen"]
]

describe("retries of the client", () => {
  it.effect.each(passing)("repeat a read after %s", ([, turn]) =>
    Effect.gen(function* () {
      const { calls, sent } = yield* scriptedClient([turn(), found()])
      const running = yield* Effect.forkChild(read(calls))
      yield* TestClock.adjust("16 seconds")
      assert.deepStrictEqual(yield* Fiber.join(running), { post })
      assert.strictEqual(yield* Queue.size(sent), 2)
    })
  )

  it.effect.each(passing)("repeat the creation of a post with the same key after %s", ([, turn]) =>
    Effect.gen(function* () {
      const { calls, sent } = yield* scriptedClient([turn(), created()])
      const written = yield* Effect.forkChild(create(calls))
      yield* TestClock.adjust("16 seconds")
      assert.deepStrictEqual(yield* Fiber.join(written), post)
      const [first, second] = (yield* Queue.takeAll(sent)).map(({ headers }) => headers["idempotency-key"])
      assert.match(first ?? "", /^[0-9a-f-]{36}$/u)
      assert.strictEqual(first, second)
    })
  )

  it.effect.each(["RATE_LIMITED", "SERVICE_UNAVAILABLE"] as const)("wait as long as Retry-After says: %s", (code) =>
    Effect.gen(function* () {
      const { calls, sent } = yield* scriptedClient([failed(code, { "retry-after": "7" }), found()])
      const running = yield* Effect.forkChild(read(calls))
      yield* TestClock.adjust("6999 millis")
      assert.strictEqual(yield* Queue.size(sent), 1)
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(yield* Fiber.join(running), { post })
    })
  )

  it.effect("do not wait longer than the configured maximum", () =>
    Effect.gen(function* () {
      const { calls, sent } = yield* scriptedClient([failed("RATE_LIMITED", { "retry-after": "61" }), found()])
      assert.strictEqual((yield* Effect.flip(read(calls)))._tag, "RateLimited")
      assert.strictEqual(yield* Queue.size(sent), 1)
    })
  )

  it.effect("stop after the configured number of attempts, with the last failure", () =>
    Effect.gen(function* () {
      const turns = Array.from({ length: 9 }, () => failed("SERVICE_UNAVAILABLE", { "retry-after": "1" }))
      const { calls, sent } = yield* scriptedClient(turns, { retries: 2 })
      const running = yield* Effect.forkChild(Effect.flip(read(calls)))
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Fiber.join(running))._tag, "ServiceUnavailable")
      assert.strictEqual(yield* Queue.size(sent), 3)
    })
  )

  it.effect("repeat a deletion after 429, which changed nothing", () =>
    Effect.gen(function* () {
      const done = new Response(null, { status: 204 })
      const { calls, sent } = yield* scriptedClient([failed("RATE_LIMITED", { "retry-after": "1" }), done])
      const removed = yield* Effect.forkChild(remove(calls))
      yield* TestClock.adjust("1 seconds")
      yield* Fiber.join(removed)
      assert.strictEqual(yield* Queue.size(sent), 2)
    })
  )

  it.effect.each([() => failed("SERVICE_UNAVAILABLE"), () => "refused" as const])(
    "do not repeat a deletion that may have succeeded",
    (turn) =>
      Effect.gen(function* () {
        const { calls, sent } = yield* scriptedClient([turn()])
        yield* Effect.flip(remove(calls))
        assert.strictEqual(yield* Queue.size(sent), 1)
      })
  )

  it.effect("wait for an earlier attempt whose response was lost", () =>
    Effect.gen(function* () {
      const { calls } = yield* scriptedClient(["refused", failed("CONFLICT"), created()])
      const written = yield* Effect.forkChild(create(calls))
      yield* TestClock.adjust("1 seconds")
      assert.deepStrictEqual(yield* Fiber.join(written), post)
    })
  )

  it.effect("report a write by someone else under the same key", () =>
    Effect.gen(function* () {
      const { calls, sent } = yield* scriptedClient([failed("CONFLICT"), created()])
      assert.strictEqual((yield* Effect.flip(create(calls, { "idempotency-key": "once" })))._tag, "Conflict")
      assert.strictEqual((yield* Queue.take(sent)).headers["idempotency-key"], "once")
    })
  )

  it.effect("do not repeat a request after 500", () =>
    Effect.gen(function* () {
      const { calls, sent } = yield* scriptedClient([failed("INTERNAL"), found()])
      assert.strictEqual((yield* Effect.flip(read(calls)))._tag, "Internal")
      assert.strictEqual(yield* Queue.size(sent), 1)
    })
  )

  it.effect("report immediately that the service is not ready", () =>
    Effect.gen(function* () {
      const checks = { database: "error: timeout", redis: "ok" }
      const headers = { "retry-after": "1" }
      const { calls, sent } = yield* scriptedClient([
        Response.json({ status: "draining", checks }, { status: 503, headers })
      ])
      assert.strictEqual((yield* Effect.flip(calls.Health.ready()))._tag, "ServiceUnavailable")
      assert.strictEqual(yield* Queue.size(sent), 1)
    })
  )

  it.effect("use the status if the body's code is not in the contract", () =>
    Effect.gen(function* () {
      const { calls } = yield* scriptedClient([Response.json({ code: "toString" }, { status: 404 })])
      assert.strictEqual((yield* Effect.flip(read(calls)))._tag, "NotFound")
    })
  )

  it.effect("report each wait before it begins", () =>
    Effect.gen(function* () {
      const waits: Array<Retry> = []
      const turns = [failed("RATE_LIMITED", { "retry-after": "7" }), found()]
      const { calls } = yield* scriptedClient(turns, { onRetry: (retry) => void waits.push(retry) })
      const running = yield* Effect.forkChild(read(calls))
      yield* TestClock.adjust("1 seconds")
      assert.deepStrictEqual(waits, [{ attempt: 1, waitMillis: 7000, status: 429 }])
      yield* TestClock.adjust("6 seconds")
      yield* Fiber.join(running)
    })
  )
})
