import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { answersTo, answerTo, request } from "../support/RawHttp.ts"
import { FaultyServer } from "../support/TestEdge.ts"

const probe = "/faulty/probe"
const upgrade = { Connection: "Upgrade, close", Upgrade: "websocket", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==" }

layer(FaultyServer.layer(), { excludeTestServices: true })("an unusual request", (it) => {
  it.effect.each([
    ["GET", "/faulty/%70robe", 200],
    ["GET", "http://elsewhere/faulty/probe", 200],
    ["GET", `${probe}?x=%ff&y=%`, 200],
    ["GET", `${probe}?\\"<>^{}|`, 200],
    ["GET", "http://elsewhere", 404],
    ["GET", "/faulty%2fprobe", 404],
    ["GET", `${probe}%00`, 404],
    ["GET", `${probe}/`, 404],
    ["GET", `/${probe}`, 404],
    ["GET", `${probe};a`, 404],
    ["GET", `${probe}#a`, 404],
    ["GET", `${probe};?a=1`, 404],
    ["TRACE", `${probe};a`, 404],
    ["OPTIONS", `${probe};a`, 404],
    ["GET", `${probe}?a=;//b/`, 200],
    ["GET", "/faulty/named//0190d6a1-0000-7000-8000-000000000000", 404],
    ["GET", "/faulty/named/a/", 404],
    ["GET", "/faulty/named/a/?limit=1", 404],
    ["GET", `/faulty/named/${"a".repeat(101)}/0190d6a1`, 422],
    ["GET", "/FAULTY/probe", 404],
    ["GET", "/faulty/./probe", 404],
    ["GET", "/x/../faulty/probe", 404],
    ["GET", "*", 400],
    ["GET", "ftp://elsewhere/faulty/probe", 400],
    ["GET", "http://[/faulty/probe", 400],
    ["GET", "/%", 400],
    ["GET", "/%C3%28", 400],
    ["GET", "/faulty/named/a%00b/0190d6a1-0000-7000-8000-000000000000", 422],
    ["GET", "/faulty/named/a/0190d6a1", 422],
    ["GET", "/faulty/named/a/0190d6a1-0000-7000-8000-000000000000?limit=1e1", 422],
    ["GET", "/faulty/named/a/0190d6a1-0000-7000-8000-000000000000?limit=1&limit=2", 422],
    ["PROPFIND", probe, 405],
    ["QUERY", probe, 405],
    ["TRACE", "/nothing", 404],
    ["OPTIONS", "/nothing", 404]
  ] as const)("%s %s returns %i", ([method, target, status]) =>
    Effect.gen(function* () {
      const { port } = yield* FaultyServer
      const answer = yield* answerTo(port, request(target, { method }))
      assert.strictEqual(answer.status, status)
      assert.strictEqual(answer.headers["content-type"], "application/json")
      assert.doesNotThrow(() => JSON.parse(answer.body))
    })
  )

  it.effect.each([
    [probe, "GET, HEAD, OPTIONS"],
    ["/faulty/reports", "POST, OPTIONS"],
    ["*", "GET, HEAD, POST, OPTIONS"]
  ] as const)("OPTIONS %s without preflight headers returns 204 with %s", ([target, allow]) =>
    Effect.gen(function* () {
      const { port } = yield* FaultyServer
      const answer = yield* answerTo(
        port,
        request(target, { method: "OPTIONS", headers: { Origin: "http://localhost:3000" } })
      )
      assert.strictEqual(answer.status, 204)
      assert.strictEqual(answer.headers["allow"], allow)
      assert.strictEqual(answer.headers["access-control-allow-origin"], "http://localhost:3000")
      assert.notProperty(answer.headers, "content-type")
    })
  )

  it.effect.each([
    [probe, 200],
    ["/nothing", 404],
    ["/faulty/defect", 500]
  ] as const)("HEAD %s returns %i with the Content-Length of a body and no body", ([target, status]) =>
    Effect.gen(function* () {
      const { port } = yield* FaultyServer
      const answer = yield* answerTo(port, request(target, { method: "HEAD" }))
      assert.strictEqual(answer.status, status)
      assert.isAbove(Number(answer.headers["content-length"]), 0)
    })
  )

  it.effect("CONNECT is rejected, and nothing after it is read", () =>
    Effect.gen(function* () {
      const { lines, port } = yield* FaultyServer
      const tunnelled = request(probe, { headers: { "X-Request-Id": "tunnelled" } })
      const answer = yield* answerTo(port, `CONNECT a:443 HTTP/1.1\r\nHost: a\r\nX-Request-Id: one\r\n\r\n${tunnelled}`)
      assert.strictEqual(answer.status, 405)
      assert.strictEqual(answer.body, '{"detail":"Method not allowed"}')
      assert.match(answer.headers["x-request-id"] ?? "", /^[0-9a-f-]{36}$/)
      assert.strictEqual(answer.headers["allow"], "GET, HEAD, OPTIONS")
      assert.notInclude(lines.join(""), "tunnelled")
    })
  )

  it.effect("an upgrade request is served without an upgrade", () =>
    Effect.gen(function* () {
      const { port } = yield* FaultyServer
      const answer = yield* answerTo(port, request(probe, { headers: upgrade }))
      assert.strictEqual(answer.status, 200)
      assert.strictEqual(answer.headers["connection"], "close")
    })
  )

  it.effect("pipelined requests are answered in order, each with its id", () =>
    Effect.gen(function* () {
      const { port } = yield* FaultyServer
      const ids = ["a", "b", "c", "d"]
      const targets = ["/faulty/turns/a", probe, "/faulty/turns/c", probe]
      const bytes = ids.map((id, index) =>
        request(targets[index] ?? "", { keepAlive: id !== "d", headers: { "X-Request-Id": id } })
      )
      const answers = yield* answersTo(port, bytes.join(""))
      assert.deepStrictEqual(
        answers.map(({ headers, status }) => [headers["x-request-id"], status]),
        [
          ["a", 500],
          ["b", 200],
          ["c", 500],
          ["d", 200]
        ]
      )
    })
  )

  it.effect("HTTP/1.0 is served without Host, but not with two", () =>
    Effect.gen(function* () {
      const { port } = yield* FaultyServer
      const served = yield* answerTo(port, `GET ${probe} HTTP/1.0\r\n\r\n`)
      assert.deepStrictEqual([served.status, served.body], [200, '"ok"'])
      const refused = yield* answerTo(port, `GET ${probe} HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n`)
      assert.strictEqual(refused.status, 400)
    })
  )

  it.effect("two request ids are replaced by a new one", () =>
    Effect.gen(function* () {
      const { port } = yield* FaultyServer
      const answer = yield* answerTo(
        port,
        request(probe, { headers: { "X-Request-Id": "one", "x-request-id": "two" } })
      )
      assert.match(answer.headers["x-request-id"] ?? "", /^[0-9a-f-]{36}$/)
    })
  )

  it.effect("a user agent of arbitrary bytes is logged on one line", () =>
    Effect.gen(function* () {
      const { lines, port } = yield* FaultyServer
      const headers = { "User-Agent": '\u00FF"\\,"level":"ERROR', "X-Request-Id": "agent" }
      yield* answerTo(port, request("/nothing", { headers }))
      const line = lines.find((line) => line.includes('"request_id":"agent"')) ?? ""
      assert.propertyVal(Object(JSON.parse(line)), "user_agent", headers["User-Agent"])
      assert.propertyVal(Object(JSON.parse(line)), "level", "INFO")
    })
  )
})
