import { assert, describe, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { connect } from "node:net"
import { Api } from "../../src/http/api/Api.ts"
import { playerToken } from "../support/memory/Players.ts"
import { request } from "../support/RawHttp.ts"
import { realServer } from "../support/TestEdge.ts"
import type { TestServer } from "../support/TestEdge.ts"
import { memoryTeams, postOf, twoTeams } from "../support/TestTeams.ts"

const maxBodyBytes = 5000
const json = { "Content-Type": "application/json" }
const chunk = `3e8\r\n${"a".repeat(1000)}\r\n`

const isOfPlayer = (path: string): boolean => /^\/api\/v1\/(auth|users|mining|dashboard)\//u.test(path)

const endpoints = Object.values(Api.groups).flatMap((group) =>
  Object.values(group.endpoints).map(({ method, path, payload }) => ({
    name: `${method} ${path}`,
    method: String(method),
    path: String(path),
    takesBody: payload.size > 0
  }))
)
type Endpoint = (typeof endpoints)[number]

interface Subject extends Pick<TestServer, "port"> {
  readonly token: string
  /** Fills a path template with an existing team and post. */
  readonly pathOf: (template: string) => string
}

const subject = Effect.gen(function* () {
  const services = yield* Layer.build(memoryTeams)
  const { alpha } = yield* twoTeams(services)
  const post = yield* postOf(services, alpha.id)
  const { port } = yield* realServer({
    limits: { headersTimeout: 200, requestTimeout: 1000, connectionsCheckingInterval: 20 },
    teams: Layer.succeedContext(services),
    variables: { TBG_MAX_BODY_BYTES: String(maxBodyBytes) }
  })
  const pathOf = (template: string) => template.replace(":team", alpha.name).replace(":id", post)
  return { port, token: alpha.token, pathOf }
})

/** Sends a request, and then repeats `more` until the server closes the connection. */
const exchange = (
  { pathOf, port, token }: Subject,
  { method, path }: Endpoint,
  headers: Readonly<Record<string, string>>,
  more?: string
) => {
  const head = request(pathOf(path), {
    method,
    keepAlive: true,
    headers: { Authorization: `Bearer ${isOfPlayer(path) ? playerToken : token}`, ...json, ...headers }
  })
  return Effect.callback<{ readonly status: number; readonly sent: number }>((resume) => {
    const socket = connect({ port, host: "127.0.0.1" })
    let text = ""
    const send = (): void => {
      if (more !== undefined && !socket.destroyed) socket.write(more, () => setImmediate(send))
    }
    socket.on("data", (bytes) => (text += bytes.toString()))
    socket.on("error", () => {})
    socket.on("close", () => {
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1])
      resume(Effect.succeed({ status, sent: socket.bytesWritten }))
    })
    socket.write(head, send)
    return Effect.sync(() => socket.destroy())
  }).pipe(Effect.timeout("10 seconds"))
}

type Outcomes = ReadonlyMap<Endpoint, ReturnType<typeof exchange>>

/** Outcomes of the same request to each endpoint, as effects so that each test fails with its own. */
const exchangeAll = Effect.fnUntraced(function* (
  to: Subject,
  concurrency: 1 | "unbounded",
  headers: Readonly<Record<string, string>>,
  more?: string
): Effect.fn.Return<Outcomes> {
  const outcomes = yield* Effect.forEach(
    endpoints,
    (endpoint) => Effect.map(Effect.exit(exchange(to, endpoint, headers, more)), (exit) => [endpoint, exit] as const),
    { concurrency }
  )
  return new Map(outcomes)
})

class Sent extends Context.Service<
  Sent,
  { readonly endless: Outcomes; readonly oversized: Outcomes; readonly slow: Outcomes }
>()("tbg-api/test/http/EveryEndpoint/Sent") {
  static readonly layer = Layer.effect(
    Sent,
    Effect.gen(function* () {
      const to = yield* subject
      // One after another, because they keep the CPU busy. They also make the first, slow call of each endpoint.
      const endless = yield* exchangeAll(to, 1, { "Transfer-Encoding": "chunked" }, chunk)
      // All at once, because most of these connections are closed only after the request timeout.
      const oversized = yield* exchangeAll(to, "unbounded", { "Content-Length": String(maxBodyBytes + 1) })
      const slow = yield* exchangeAll(to, "unbounded", { "Content-Length": "10" })
      return { endless, oversized, slow }
    })
  )
}

/** Outcome of a kind of body at an endpoint. */
const outcomeOf = (kind: keyof Sent["Service"], endpoint: Endpoint) =>
  Effect.flatMap(Sent, (sent) => sent[kind].get(endpoint) ?? Effect.die(new Error("no request was sent")))

/** More than the buffers of a connection, and far less than an endless body. */
const mostSent = 10 * 1024 * 1024

layer(Sent.layer, { excludeTestServices: true })("every endpoint", (it) => {
  describe.each(endpoints)("$name", (endpoint) => {
    it.effect("ends the connection of an endless body", () =>
      Effect.gen(function* () {
        const { sent, status } = yield* outcomeOf("endless", endpoint)
        assert.strictEqual(status === 413, endpoint.takesBody)
        assert.isBelow(sent, mostSent)
      })
    )

    it.effect("rejects a body over the limit with 413 if it reads bodies", () =>
      Effect.gen(function* () {
        const { status } = yield* outcomeOf("oversized", endpoint)
        assert.strictEqual(status === 413, endpoint.takesBody)
        assert.isBelow(status, 500)
      })
    )

    it.effect("rejects a slow body with 408 if it reads bodies", () =>
      Effect.gen(function* () {
        const { status } = yield* outcomeOf("slow", endpoint)
        assert.strictEqual(status === 408, endpoint.takesBody)
        assert.isBelow(status, 500)
      })
    )
  })
})
