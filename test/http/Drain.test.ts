import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Schedule } from "effect"
import { createServer } from "node:http"
import type { RequestListener } from "node:http"
import { connect } from "node:net"
import { trackConnections } from "../../src/http/Connections.ts"
import { makeDrain } from "../../src/http/Drain.ts"
import { request } from "../support/RawHttp.ts"

const keepAlive = (target: string) => request(target, { keepAlive: true })

const until = (condition: () => boolean) =>
  Effect.repeat(Effect.sync(condition), { until: (holds) => holds, schedule: Schedule.spaced("5 millis") })

/** A connection, what it has received so far, and everything once the server has closed it. */
const connectedTo = Effect.fnUntraced(function* (port: number) {
  const socket = connect(port, "127.0.0.1")
  yield* Effect.addFinalizer(() => Effect.sync(() => socket.destroy()))
  let text = ""
  let isClosed = false
  socket.on("data", (bytes) => (text += bytes.toString("latin1")))
  socket.on("error", () => {}).on("close", () => (isClosed = true))
  yield* until(() => !socket.connecting)
  return {
    send: (bytes: string) => Effect.sync(() => void socket.write(bytes)),
    pause: Effect.sync(() => void socket.pause()),
    resume: Effect.sync(() => void socket.resume()),
    answers: (count: number) => until(() => text.split("HTTP/1.1 200 OK\r\n").length > count),
    all: Effect.map(
      until(() => isClosed),
      () => text
    )
  }
})

const longest = "x".repeat(20_000_000)

/**
 * A draining server. `/held` is answered on `release`. `/begun` sends its headers at once and its body on `release`.
 * The response of `/long` is too large for any buffer.
 */
const drainable = Effect.fnUntraced(function* (timeoutMs = 5000) {
  const server = createServer({ keepAliveTimeout: 60_000 })
  const { service, track } = makeDrain(server, trackConnections(server), timeoutMs)
  const held: Array<() => void> = []
  let requests = 0
  const answer: RequestListener = ({ url }, response) => {
    requests += 1
    track(response)
    if (url === "/begun") response.flushHeaders()
    if (url === "/held" || url === "/begun") held.push(() => response.end("ok"))
    else response.end(url === "/long" ? longest : "ok")
  }
  server.on("request", answer).listen(0, "127.0.0.1")
  yield* Effect.addFinalizer(() => Effect.sync(() => server.close().closeAllConnections()))
  yield* until(() => server.listening)
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  let accepted = 0
  server.on("connection", () => (accepted += 1))
  const connected = Effect.gen(function* () {
    const before = accepted
    const client = yield* connectedTo(port)
    yield* until(() => accepted > before)
    return client
  })
  // `NodeHttpServer` closes the server like this when its scope ends.
  const closed = Effect.callback<void>((resume) => void server.close(() => resume(Effect.void)))
  const closing = Effect.forkScoped(Effect.uninterruptible(Effect.andThen(service.finish, closed)))
  return {
    begin: service.begin,
    connected,
    closing,
    /** Starts closing the server, which accepts no further connections. */
    finishing: Effect.gen(function* () {
      const fiber = yield* closing
      yield* until(() => !server.listening)
      return fiber
    }),
    asked: until(() => requests > 0),
    release: Effect.sync(() => held.forEach((end) => end()))
  }
})

describe("a draining server", { timeout: 10_000 }, () => {
  it.live("ends each connection after its next response, and accepts new connections", () =>
    Effect.gen(function* () {
      const { begin, connected } = yield* drainable()
      const client = yield* connected
      yield* client.send(keepAlive("/"))
      yield* client.answers(1)
      yield* begin
      yield* client.send(keepAlive("/"))
      const [, before, after] = (yield* client.all).split("HTTP/1.1 200 OK")
      assert.include(before, "Connection: keep-alive")
      assert.include(after, "Connection: close")
      const other = yield* connected
      yield* other.send(keepAlive("/"))
      assert.include(yield* other.all, "Connection: close")
    })
  )

  it.live("waits for a request in flight and closes its connection after the response", () =>
    Effect.gen(function* () {
      const { begin, connected, finishing, asked, release } = yield* drainable()
      const client = yield* connected
      yield* client.send(keepAlive("/held"))
      yield* asked
      yield* begin
      const fiber = yield* finishing
      assert.isUndefined(fiber.pollUnsafe())
      yield* release
      assert.include(yield* client.all, "Connection: close")
      yield* Fiber.join(fiber)
    })
  )

  it.live("completes a response that began before the shutdown, then closes the connection", () =>
    Effect.gen(function* () {
      const { begin, connected, finishing, asked, release } = yield* drainable()
      const client = yield* connected
      yield* client.send(keepAlive("/begun"))
      yield* asked
      yield* begin
      const fiber = yield* finishing
      yield* release
      assert.match(yield* client.all, /Connection: keep-alive[^]*ok/)
      yield* Fiber.join(fiber)
    })
  )

  it.live("closes idle connections immediately, including unused ones", () =>
    Effect.gen(function* () {
      const { connected, finishing } = yield* drainable()
      const silent = yield* connected
      const idle = yield* connected
      yield* idle.send(keepAlive("/"))
      yield* idle.answers(1)
      yield* Fiber.join(yield* finishing)
      yield* Effect.all([silent.all, idle.all])
    })
  )

  it.live("answers a partially received request, whether first on its connection or later", () =>
    Effect.gen(function* () {
      const { begin, connected, finishing } = yield* drainable()
      const first = yield* connected
      const later = yield* connected
      yield* later.send(keepAlive("/"))
      yield* later.answers(1)
      const clients = [first, later]
      yield* Effect.forEach(clients, ({ send }) => send(keepAlive("/").slice(0, 20)))
      yield* begin
      const fiber = yield* finishing
      yield* Effect.forEach(clients, ({ send }) => send(keepAlive("/").slice(20)))
      for (const client of clients) assert.include(yield* client.all, "Connection: close")
      yield* Fiber.join(fiber)
    })
  )

  it.live("completes a long response to a slow reader", () =>
    Effect.gen(function* () {
      const { asked, closing, connected } = yield* drainable()
      const client = yield* connected
      yield* client.pause
      yield* client.send(keepAlive("/long"))
      yield* asked
      const fiber = yield* closing
      yield* Effect.yieldNow
      yield* client.resume
      assert.isAbove((yield* client.all).length, longest.length)
      yield* Fiber.join(fiber)
    })
  )

  it.live("closes connections at the end of the grace period", () =>
    Effect.gen(function* () {
      const { connected, finishing, asked } = yield* drainable(100)
      const client = yield* connected
      yield* client.send(keepAlive("/held"))
      yield* asked
      yield* Fiber.join(yield* finishing)
      assert.strictEqual(yield* client.all, "")
    })
  )
})
