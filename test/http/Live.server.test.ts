import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer, Redacted, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import type { OutboxEvent } from "../../src/domain/live/LiveEvent.ts"
import { openStream } from "../support/live/LiveClient.ts"
import { commitEvents } from "../support/live/LiveDatabase.ts"
import { freshDatabase, testClient } from "../support/TestDatabase.ts"
import { newPlayer } from "../support/PlayerDatabase.ts"
import { playerClient } from "../support/SignInRoutes.ts"
import { testProcess } from "../support/TestProcess.ts"
import { jsonOf } from "../support/TestRoutes.ts"
import type { TestProcess } from "../support/TestProcess.ts"

/** Two processes on one database, and the client of the test. They have no projection. */
class Replicas extends Context.Service<Replicas, { readonly first: TestProcess; readonly second: TestProcess }>()(
  "tbg-api/test/http/Replicas"
) {
  static readonly layer = Layer.unwrap(
    Effect.map(freshDatabase, ({ url }) => {
      const variables = {
        TBG_ENVIRONMENT: "test",
        TBG_DATABASE_URL: Redacted.value(url),
        TBG_PROJECTION: "false",
        TBG_RATE_LIMIT_MODE: "off",
        TBG_MAX_STREAMS: "4",
        TBG_SHUTDOWN_DELAY_MS: "2000"
      }
      const started = Effect.gen(function* () {
        const first = yield* testProcess(variables)
        return { first, second: yield* testProcess(variables) }
      })
      return Layer.merge(Layer.effect(Replicas, started), testClient(url))
    })
  )
}

const network = (height: number): OutboxEvent => ({
  type: "network",
  height,
  hash: null,
  difficulty: null,
  at: "2026-12-01T00:00:00.000000Z"
})
const heightsOf = (events: ReadonlyArray<object>) => events.map((event) => Reflect.get(event, "height"))

const untilAdmitted = (url: string, topics: string) =>
  Effect.repeat(openStream(url, topics), {
    until: ({ status }) => status === 200,
    schedule: Schedule.spaced("20 millis")
  })

layer(Replicas.layer, { excludeTestServices: true })("live streams of two processes", (it) => {
  it.effect("start with a reset if the cursor is too old or not signed by the service", () =>
    Effect.gen(function* () {
      const { first } = yield* Replicas
      const sql = yield* SqlClient.SqlClient
      const stream = yield* openStream(first.url, "network")
      yield* stream.until("summary")
      const id = yield* stream.lastId
      yield* sql`
        WITH state AS (UPDATE tbg_api.mining_state SET outbox = outbox + 1 RETURNING outbox)
        INSERT INTO tbg_api.mining_outbox (last, first, at, events)
        SELECT outbox, outbox, now() - interval '11 minutes', ${JSON.stringify([network(0)])} FROM state`
      yield* stream.until("network")
      yield* stream.close
      const old = yield* openStream(first.url, "network", { "last-event-id": id })
      assert.deepInclude((yield* old.until("reset"))[0], { type: "reset", reason: "too_old" })
      yield* old.close
      const forged = yield* openStream(first.url, "network&cursor=MkTjlYDaYxYyGX84ps7M")
      assert.deepInclude((yield* forged.until("reset"))[0], { type: "reset", reason: "unknown_cursor" })
    })
  )

  it.effect("continue on another process without loss or repetition", () =>
    Effect.gen(function* () {
      const { first, second } = yield* Replicas
      const before = yield* openStream(first.url, "network")
      assert.strictEqual(before.status, 200)
      assert.deepInclude(before.headers, {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store",
        "x-accel-buffering": "no"
      })
      yield* before.until("summary")
      assert.match(yield* before.text, /^retry: [123]\d{3}\n:\n\n/)
      yield* commitEvents([network(1), network(2)])
      assert.deepStrictEqual(heightsOf(yield* before.until("network", 2)), [1, 2])
      const lastId = yield* before.lastId
      yield* before.close
      yield* commitEvents([network(3)])
      const after = yield* openStream(second.url, "network,blocks", { "last-event-id": lastId })
      yield* commitEvents([network(4)])
      assert.deepStrictEqual(heightsOf(yield* after.until("network", 2)), [3, 4])
      assert.notInclude(yield* after.text, "event: reset")
    })
  )

  it.effect("open with a ticket that neither HEAD nor a refused request used up", () =>
    Effect.gen(function* () {
      const { first } = yield* Replicas
      const { send, signIn } = playerClient((path, init) => Effect.promise(() => fetch(first.url + path, init)))
      const { access_token: token } = yield* signIn(newPlayer("ticket"))
      const { ticket } = Object(yield* jsonOf(yield* send("POST", "/live/ticket", { token })))
      const head = Effect.promise(() =>
        fetch(`${first.url}/api/v1/live?topics=me&ticket=${ticket}`, { method: "HEAD" })
      )
      assert.strictEqual((yield* head).status, 200)
      const statusOf = (topics: string) =>
        Effect.map(openStream(first.url, `${topics}&ticket=${ticket}`), ({ status }) => status)
      const topics = ["me,miner:nonsense", `me,miner:${newPlayer("absent").address}`, "me", "me"]
      assert.deepStrictEqual(yield* Effect.forEach(topics, statusOf), [422, 404, 200, 401])
    })
  )

  it.effect("are refused beyond TBG_MAX_STREAMS, and admitted again after one is closed", () =>
    Effect.gen(function* () {
      const { second } = yield* Replicas
      const open = yield* Effect.forEach([1, 2, 3, 4], () => untilAdmitted(second.url, "pool"))
      const refused = yield* openStream(second.url, "pool")
      assert.strictEqual(refused.status, 503)
      assert.match(String(refused.headers["retry-after"]), /^\d+$/)
      yield* refused.ended
      assert.deepStrictEqual(JSON.parse(yield* refused.text), { detail: "Service overloaded" })
      yield* Effect.forEach(open.slice(0, 1), ({ close }) => close)
      yield* untilAdmitted(second.url, "pool")
    })
  )

  it.effect("end with bye on SIGTERM, and reconnects are spread over the shutdown delay", () =>
    Effect.gen(function* () {
      const { first } = yield* Replicas
      const streams = yield* Effect.forEach([1, 2, 3, 4], () => untilAdmitted(first.url, "network"))
      yield* Effect.forEach(streams, ({ until }) => until("summary"))
      yield* first.signal("SIGTERM")
      const byes = yield* Effect.forEach(streams, ({ until }) => Effect.map(until("bye"), ([bye]) => bye))
      assert.deepStrictEqual(
        byes.map((bye) => bye?.["reconnect_ms"]).toSorted((a, b) => Number(a) - Number(b)),
        [500, 1000, 1500, 2000]
      )
      yield* Effect.forEach(streams, ({ ended }) => ended)
      const late = yield* untilAdmitted(first.url, "network")
      assert.deepInclude((yield* late.until("bye"))[0], { reason: "draining" })
      yield* late.ended
      assert.deepStrictEqual(yield* first.exit, { code: 0, signal: null })
    })
  )
})
