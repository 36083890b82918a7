import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { connect } from "node:net"
import { minConcurrency } from "../../src/http/Admission.ts"
import { makeRecordRoute } from "../../src/http/middleware/Common.ts"
import { freshRegistry } from "../support/MetricRegistry.ts"
import { held, inFlight, statuses } from "../support/InFlight.ts"
import { answersTo, answerTo, request } from "../support/RawHttp.ts"
import { faultyServer, routesServer } from "../support/TestEdge.ts"

const probe = request("/faulty/probe")
const hurried = { headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 20 }

describe("a slow client", () => {
  it.live.each([
    ["with its request line", "GET /faulty/pr"],
    ["with its headers", "GET /faulty/probe HTTP/1.1\r\nHost: a\r\nX-Slow: "]
  ] as const)("is notified and disconnected: %s", ([, bytes]) =>
    Effect.gen(function* () {
      const { port } = yield* faultyServer({ limits: hurried })
      const answer = yield* answerTo(port, bytes)
      assert.strictEqual(answer.status, 408)
      assert.strictEqual(answer.body, '{"detail":"Request timeout"}')
      assert.strictEqual(answer.headers["connection"], "close")
      assert.match(answer.headers["x-request-id"] ?? "", /^[0-9a-f-]{36}$/)
    })
  )

  it.live("is disconnected with a 408 during its body, in the default format under /v1 too", () =>
    Effect.gen(function* () {
      const { port } = yield* faultyServer({ limits: hurried })
      const headers = { "Content-Type": "application/json", "Content-Length": "10", "X-Request-Id": "slow" }
      const answer = yield* answerTo(port, `${request("/v1/faulty/reports", { method: "POST", headers })}{`)
      assert.strictEqual(answer.status, 408)
      assert.match(answer.headers["x-request-id"] ?? "", /^[0-9a-f-]{36}$/)
      assert.strictEqual(answer.body, '{"detail":"Request timeout"}')
    })
  )

  it.live.each([
    ["408", { "Content-Length": "10" }, "{"],
    ["400", { "Transfer-Encoding": "chunked" }, "zz\r\n"]
  ] as const)("is logged and counted with its own status while its body is read: %s", ([status, framing, body]) =>
    Effect.gen(function* () {
      const { lines, port } = yield* faultyServer({ limits: hurried })
      const headers = { "Content-Type": "application/json", "X-Request-Id": "slow", ...framing }
      const answer = yield* answerTo(port, `${request("/faulty/reports", { method: "POST", headers })}${body}`)
      const [line] = yield* Effect.repeat(
        Effect.sync(() => lines.map((line) => Object(JSON.parse(line)))),
        { until: (logged) => logged.length > 0, schedule: Schedule.spaced("5 millis") }
      )
      assert.deepInclude(line, {
        route: "/faulty/reports",
        status: Number(status),
        request_id: answer.headers["x-request-id"]
      })
      assert.deepStrictEqual(yield* statuses, [status])
      assert.deepStrictEqual(yield* inFlight, [0])
    }).pipe(Effect.timeout("10 seconds"), freshRegistry)
  )

  it.live("gets a logged 400 for a malformed body while its request is queued", () =>
    Effect.gen(function* () {
      const { lines, port } = yield* faultyServer()
      yield* held(port, minConcurrency)
      const headers = { "Content-Type": "application/json", "Transfer-Encoding": "chunked" }
      const answer = yield* answerTo(port, `${request("/faulty/reports", { method: "POST", headers })}zz\r\n`)
      assert.strictEqual(answer.status, 400)
      const [line] = yield* Effect.repeat(
        Effect.sync(() => lines.map((line) => Object(JSON.parse(line)))),
        { until: (logged) => logged.length > 0, schedule: Schedule.spaced("5 millis") }
      )
      assert.deepInclude(line, { status: 400, request_id: answer.headers["x-request-id"] })
    }).pipe(Effect.scoped, Effect.timeout("10 seconds"), freshRegistry)
  )

  it.live("that never sends a byte is closed without a response or a log line", () =>
    Effect.gen(function* () {
      const { lines, port } = yield* faultyServer({ limits: hurried })
      assert.deepStrictEqual(yield* answersTo(port, ""), [])
      assert.deepStrictEqual(lines, [])
    })
  )

  it.live("gets only one error response", () =>
    Effect.gen(function* () {
      const { port } = yield* faultyServer({ limits: hurried })
      const head = "POST /faulty/nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{"
      const answers = yield* answersTo(port, head)
      assert.deepStrictEqual(
        answers.map(({ status }) => status),
        [404]
      )
    })
  )
})

// The suites from here on are concurrent, because they wait for closed connections.
describe.concurrent("a keep-alive connection", () => {
  it.live("is closed after it was idle for TBG_KEEP_ALIVE_TIMEOUT_MS, which its responses announce", () =>
    Effect.gen(function* () {
      const { port } = yield* faultyServer({ variables: { TBG_KEEP_ALIVE_TIMEOUT_MS: "1000" } })
      const [answer, ...others] = yield* answersTo(port, request("/faulty/probe", { keepAlive: true }))
      assert.deepStrictEqual([answer?.status, answer?.headers["keep-alive"], others], [200, "timeout=1", []])
    }).pipe(Effect.timeout("10 seconds"))
  )
})

describe.concurrent("a response", () => {
  it.live("is not sent if it has fewer bytes than its Content-Length", () =>
    Effect.gen(function* () {
      const promise = HttpServerResponse.empty({ status: 200, headers: { "content-length": "6" } })
      const routes = HttpRouter.use((router) =>
        Effect.flatMap(makeRecordRoute, (asRoute) =>
          router.add("GET", "/promise", asRoute("/promise")(Effect.succeed(promise)))
        )
      )
      const { port } = yield* routesServer(routes)()
      assert.deepStrictEqual(yield* answersTo(port, request("/promise", { keepAlive: true })), [])
    }).pipe(Effect.scoped, freshRegistry)
  )
})

describe.concurrent("a client that keeps its connection open", () => {
  it.live.each([
    ["garbage", "GARBAGE\r\n\r\n"],
    ["CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"]
  ] as const)("is disconnected after its response: %s", ([, bytes]) =>
    Effect.gen(function* () {
      const { port } = yield* faultyServer()
      yield* cutOff(port, bytes)
    })
  )

  it.live.each([
    ["CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["garbage", "GARBAGE\r\n\r\n"],
    ["half a body", "POST /faulty/reports HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{"],
    ["a request", "GET /faulty/never HTTP/1.1\r\nHost: a\r\n\r\n"]
  ] as const)("can disconnect early without affecting the service: %s", ([, bytes]) =>
    Effect.gen(function* () {
      const { port } = yield* faultyServer()
      for (const _ of Array.from({ length: 20 })) yield* reset(port, bytes)
      const answer = yield* answerTo(port, probe)
      assert.strictEqual(answer.status, 200)
    })
  )
})

/** Sends bytes and repeats some, never ends its side, and waits until the server closes the connection. */
const cutOff = Effect.fnUntraced(function* (port: number, bytes: string) {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true })
  const gone = Effect.callback<void>((resume) => {
    socket.on("error", () => {}).on("close", () => resume(Effect.void))
  })
  socket.resume().write(bytes)
  const more = Effect.repeat(
    Effect.sync(() => socket.write("x")),
    Schedule.spaced("50 millis")
  )
  yield* Effect.race(gone, more)
})

/** Sends bytes and resets the connection. */
const reset = (port: number, bytes: string) =>
  Effect.callback<void>((resume) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(bytes, () => {
        socket.resetAndDestroy()
        resume(Effect.void)
      })
    })
  })
