import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { connect } from "node:net"
import { text } from "node:stream/consumers"
import { collector } from "../support/Collector.ts"
import { get, getUntil } from "../support/Http.ts"
import { request } from "../support/RawHttp.ts"
import { freshDatabase, testClient } from "../support/TestDatabase.ts"
import { testProcess } from "../support/TestProcess.ts"
import type { TestProcess } from "../support/TestProcess.ts"

const test = { TBG_ENVIRONMENT: "test" }

/** A request whose last bytes are not sent yet; returns an effect that sends them and collects the response. */
const inFlightOn = Effect.fnUntraced(function* ({ port, url }: TestProcess) {
  const bytes = request("/version", { keepAlive: true, headers: { "X-Request-Id": "last" } })
  const socket = connect(port, "127.0.0.1")
  yield* Effect.addFinalizer(() => Effect.sync(() => socket.destroy()))
  socket.on("error", () => {}).write(bytes.slice(0, -2))
  yield* Effect.callback<void>((resume) => void socket.once("ready", () => resume(Effect.void)))
  // Connections are accepted in order: once a later one has its response, the server has this one.
  yield* get(`${url}/health`)
  return Effect.promise(() => {
    socket.write(bytes.slice(-2))
    return text(socket)
  })
})

/** Waits until the port accepts no more connections. */
const refused = ({ url }: TestProcess) => Effect.retry(Effect.flip(get(`${url}/health`)), Schedule.spaced("20 millis"))

describe.concurrent("shutdown of tbg serve", () => {
  it.live.each(["SIGTERM", "SIGINT"] as const)(
    "completes requests in flight on %s, with their log line and span, and leaves no session open",
    (signal) =>
      Effect.gen(function* () {
        const { name, url } = yield* freshDatabase
        const traces = yield* collector()
        const service = yield* testProcess({
          ...test,
          TBG_DATABASE_URL: Redacted.value(url),
          TBG_OTLP_ENDPOINT: traces.url
        })
        const answer = yield* inFlightOn(service)
        yield* service.signal(signal)
        yield* refused(service)
        assert.match(yield* answer, /^HTTP\/1\.1 200 OK\r\n(?:.*\r\n)*Connection: close\r\n/)
        assert.deepStrictEqual(yield* service.exit, { code: 0, signal: null })
        assert.include(yield* service.output, '"request_id":"last"')
        assert.match(yield* service.output, /"message":"stopped","drained":[1-9]\d*\}\n$/)
        assert.include(
          traces.spans.map((span) => span.name),
          "GET /version"
        )
        const sessions = Effect.flatMap(
          SqlClient.SqlClient,
          (sql) => sql`SELECT 1 FROM pg_stat_activity WHERE datname = ${name} AND pid <> pg_backend_pid()`
        ).pipe(Effect.provide(testClient(url)))
        assert.deepStrictEqual(yield* sessions, [])
      })
  )

  it.live("exits immediately on SIGINT followed by SIGTERM, with the exit code of the second", () =>
    Effect.gen(function* () {
      const service = yield* testProcess({ ...test, TBG_SHUTDOWN_DELAY_MS: "60000" })
      yield* service.signal("SIGINT")
      yield* getUntil(`${service.url}/ready`, 503)
      yield* service.signal("SIGTERM")
      assert.deepStrictEqual(yield* service.exit, { code: 143, signal: null })
    })
  )

  it.live("gives requests TBG_SHUTDOWN_TIMEOUT_MS even after a longer delay", () =>
    Effect.gen(function* () {
      const variables = { TBG_SHUTDOWN_DELAY_MS: "2000", TBG_SHUTDOWN_TIMEOUT_MS: "1500" }
      const service = yield* testProcess({ ...test, ...variables })
      const answer = yield* inFlightOn(service)
      yield* service.signal("SIGTERM")
      yield* refused(service)
      assert.match(yield* answer, /^HTTP\/1\.1 200 OK\r\n/)
      assert.deepStrictEqual(yield* service.exit, { code: 0, signal: null })
    })
  )

  it.live("cuts a request that takes longer than TBG_SHUTDOWN_TIMEOUT_MS, and still exits cleanly", () =>
    Effect.gen(function* () {
      const service = yield* testProcess({ ...test, TBG_SHUTDOWN_TIMEOUT_MS: "1000" })
      yield* inFlightOn(service)
      yield* service.signal("SIGTERM")
      assert.deepStrictEqual(yield* service.exit, { code: 0, signal: null })
      assert.match(yield* service.output, /"message":"stopped","drained":0\}\n$/)
    })
  )
})
