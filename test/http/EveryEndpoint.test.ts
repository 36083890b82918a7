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

interface Subject extends Pick<TestServer, "port"> {
  readonly token: string
  /** Fills a path template with an existing team and post. */
  readonly pathOf: (template: string) => string
}

class Served extends Context.Service<Served, Subject>()("tbg-api/test/http/EveryEndpoint/Served") {
  static readonly layer = Layer.effect(
    Served,
    Effect.gen(function* () {
      const services = yield* Layer.build(memoryTeams)
      const { alpha } = yield* twoTeams(services)
      const post = yield* postOf(services, alpha.id)
      const { port } = yield* realServer({
        limits: { headersTimeout: 200, requestTimeout: 300, connectionsCheckingInterval: 20 },
        teams: Layer.succeedContext(services),
        variables: { TBG_MAX_BODY_BYTES: String(maxBodyBytes) }
      })
      const pathOf = (template: string) => template.replace(":team", alpha.name).replace(":id", post)
      return { port, token: alpha.token, pathOf }
    })
  )
}

const endpoints = Object.values(Api.groups).flatMap((group) =>
  Object.values(group.endpoints).map(({ method, path, payload }) => ({
    name: `${method} ${path}`,
    method: String(method),
    path: String(path),
    takesBody: payload.size > 0
  }))
)
type Endpoint = (typeof endpoints)[number]

/** Sends a request, and then repeats `more` until the server closes the connection. */
const exchange = Effect.fnUntraced(function* (
  { method, path }: Endpoint,
  headers: Readonly<Record<string, string>>,
  more: string | undefined
) {
  const { pathOf, port, token } = yield* Served
  const head = request(pathOf(path), {
    method,
    keepAlive: true,
    headers: { Authorization: `Bearer ${isOfPlayer(path) ? playerToken : token}`, ...json, ...headers }
  })
  return yield* Effect.callback<{ readonly status: number; readonly sent: number }>((resume) => {
    const socket = connect({ port, host: "127.0.0.1" })
    let text = ""
    const send = (): void => {
      if (more !== undefined) socket.write(more, () => setImmediate(send))
    }
    socket.on("data", (bytes) => (text += bytes.toString()))
    socket.on("error", () => {})
    socket.on("close", () => {
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1])
      resume(Effect.succeed({ status, sent: socket.bytesWritten }))
    })
    socket.write(head, send)
    return Effect.sync(() => socket.destroy())
  })
})

/** More than the buffers of a connection, and far less than an endless body. */
const mostSent = 10 * 1024 * 1024

layer(Served.layer, { excludeTestServices: true })("every endpoint", (it) => {
  describe.each(endpoints)("$name", (endpoint) => {
    it.effect("ends the connection of an endless body", () =>
      Effect.gen(function* () {
        const { sent, status } = yield* exchange(endpoint, { "Transfer-Encoding": "chunked" }, chunk)
        assert.strictEqual(status === 413, endpoint.takesBody)
        assert.isBelow(sent, mostSent)
      }).pipe(Effect.timeout("10 seconds"))
    )

    it.effect("rejects a body over the limit with 413 if it reads bodies", () =>
      Effect.gen(function* () {
        const { status } = yield* exchange(endpoint, { "Content-Length": String(maxBodyBytes + 1) }, undefined)
        assert.strictEqual(status === 413, endpoint.takesBody)
        assert.isBelow(status, 500)
      }).pipe(Effect.timeout("10 seconds"))
    )

    it.effect("rejects a slow body with 408 if it reads bodies", () =>
      Effect.gen(function* () {
        const { status } = yield* exchange(endpoint, { "Content-Length": "10" }, undefined)
        assert.strictEqual(status === 408, endpoint.takesBody)
        assert.isBelow(status, 500)
      }).pipe(Effect.timeout("10 seconds"))
    )
  })
})
