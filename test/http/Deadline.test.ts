import { assert, it, layer } from "@effect/vitest"
import { Effect } from "effect"
import { answersTo, answerTo, request } from "../support/RawHttp.ts"
import { faultyServer, FaultyServer } from "../support/TestEdge.ts"

layer(FaultyServer.layer({ variables: { TBG_REQUEST_TIMEOUT_MS: "100" } }), { excludeTestServices: true })(
  "the deadline of a request",
  (it) => {
    it.effect.each([
      ["/faulty/never", undefined, '{"detail":"Service unavailable"}'],
      [
        "/v1/faulty/never",
        undefined,
        '"code":"SERVICE_UNAVAILABLE","details":{"request_id":"late","doc_url":"/errors/service-unavailable"}}'
      ],
      ["/faulty/never", "application/problem+json", '"code":"SERVICE_UNAVAILABLE"']
    ] as const)("ends it with 503 and Retry-After: %s %s", ([path, accept, body]) =>
      Effect.gen(function* () {
        const { port } = yield* FaultyServer
        const headers = { Accept: accept, "X-Request-Id": "late", Origin: "http://localhost:3000" }
        const answer = yield* answerTo(port, request(path, { headers }))
        assert.strictEqual(answer.status, 503)
        assert.strictEqual(answer.headers["retry-after"], "1")
        assert.strictEqual(answer.headers["x-request-id"], "late")
        assert.strictEqual(answer.headers["access-control-allow-origin"], "http://localhost:3000")
        assert.include(answer.body, body)
      })
    )

    it.effect("keeps the connection for the next request", () =>
      Effect.gen(function* () {
        const { port } = yield* FaultyServer
        const first = request("/faulty/never", { keepAlive: true })
        const answers = yield* answersTo(port, first, request("/faulty/probe"))
        assert.deepStrictEqual(
          answers.map(({ status }) => status),
          [503, 200]
        )
      })
    )

    it.effect("does not affect other requests", () =>
      Effect.gen(function* () {
        const { port } = yield* FaultyServer
        const asked = Array.from({ length: 20 }, (_, n) =>
          answerTo(port, request(n % 2 === 0 ? "/faulty/never" : "/faulty/probe"))
        )
        const answers = yield* Effect.all(asked, { concurrency: "unbounded" })
        assert.deepStrictEqual(
          answers.map(({ status }) => status),
          asked.map((_, n) => (n % 2 === 0 ? 503 : 200))
        )
      })
    )
  }
)

it.live("the deadline does not apply while the caller is still sending its body", () =>
  Effect.gen(function* () {
    const { port } = yield* faultyServer({
      variables: { TBG_REQUEST_TIMEOUT_MS: "20" },
      limits: { headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 20 }
    })
    const headers = { "Content-Type": "application/json", "Content-Length": "10" }
    const answer = yield* answerTo(port, `${request("/faulty/reports", { method: "POST", headers })}{`)
    assert.strictEqual(answer.status, 408)
    assert.strictEqual(answer.body, '{"detail":"Request timeout"}')
  })
)
