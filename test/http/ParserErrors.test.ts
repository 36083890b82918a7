import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { answersTo, answerTo, request } from "../support/RawHttp.ts"
import { FaultyServer } from "../support/TestEdge.ts"

const probe = "/faulty/probe"
const malformed = '{"detail":"Malformed request"}'
const json = "Content-Type: application/json\r\n"
const chunked = `Host: a\r\nX-Request-Id: one\r\n${json}Transfer-Encoding: chunked\r\n`
const newId = /^[0-9a-f-]{36}$/
/** Text that must never be parsed as a request. */
const smuggled = request("/faulty/defect", { headers: { "X-Request-Id": "smuggled" } })

const refused = [
  ["no request line", "GARBAGE\r\n\r\n"],
  ["TLS", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00FC\u0003\u0003"],
  ["an unknown method", `FOO ${probe} HTTP/1.1\r\nHost: a\r\n\r\n`],
  ["a method in lower case", `get ${probe} HTTP/1.1\r\nHost: a\r\n\r\n`],
  ["HTTP/2 in clear", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["an unknown version", `GET ${probe} HTTP/9.9\r\nHost: a\r\n\r\n`],
  ["bare line feeds", `GET ${probe} HTTP/1.1\nHost: a\n\n`],
  ["a folded header", `GET ${probe} HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n`],
  ["a space before the colon", `GET ${probe} HTTP/1.1\r\nHost : a\r\n\r\n`],
  ["a control character in a header", `GET ${probe} HTTP/1.1\r\nHost: a\r\nX: a\u0001b\r\n\r\n`],
  ["NUL in a header", `GET ${probe} HTTP/1.1\r\nHost: a\r\nX: a\u0000b\r\n\r\n`],
  ["a control character in the path", `GET ${probe}\u0001 HTTP/1.1\r\nHost: a\r\n\r\n`],
  ["raw UTF-8 in the path", `GET ${probe}\u00C3\u00A9 HTTP/1.1\r\nHost: a\r\n\r\n`],
  ["bad UTF-8 in the path", `GET ${probe}\u00FF HTTP/1.1\r\nHost: a\r\n\r\n`],
  ["a space in the path", `GET ${probe} x HTTP/1.1\r\nHost: a\r\n\r\n`],
  [
    "Content-Length with Transfer-Encoding",
    `POST /faulty/reports HTTP/1.1\r\n${chunked}Content-Length: 4\r\n\r\n0\r\n\r\n${smuggled}`
  ],
  [
    "Content-Length twice, the same",
    `POST /faulty/reports HTTP/1.1\r\nHost: a\r\n${json}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}${smuggled}`
  ],
  [
    "Content-Length twice, not the same",
    `POST /faulty/reports HTTP/1.1\r\nHost: a\r\n${json}Content-Length: 0\r\nContent-Length: 2\r\n\r\n{}${smuggled}`
  ],
  ["a list as Content-Length", `POST /faulty/reports HTTP/1.1\r\nHost: a\r\nContent-Length: 2, 2\r\n\r\n{}${smuggled}`],
  ["a negative Content-Length", `POST /faulty/reports HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n${smuggled}`],
  ["a signed Content-Length", `POST /faulty/reports HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\n{}${smuggled}`],
  [
    "a hexadecimal Content-Length",
    `POST /faulty/reports HTTP/1.1\r\nHost: a\r\nContent-Length: 0x2\r\n\r\n${smuggled}`
  ],
  [
    "an encoding after chunked",
    `POST /faulty/reports HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${smuggled}`
  ],
  ["a chunk of no size", `POST /faulty/reports HTTP/1.1\r\n${chunked}\r\nzz\r\n${smuggled}`],
  ["a chunk longer than it says", `POST /faulty/reports HTTP/1.1\r\n${chunked}\r\n1\r\n{}\r\n0\r\n\r\n${smuggled}`],
  ["a chunk of a huge size", `POST /faulty/reports HTTP/1.1\r\n${chunked}\r\nFFFFFFFFFFFFFFFFF\r\n${smuggled}`]
] as const

layer(FaultyServer.layer(), { excludeTestServices: true })("a request that the parser rejects", (it) => {
  it.effect.each(refused)("gets one response, and the connection closes: %s", ([, bytes]) =>
    Effect.gen(function* () {
      const { lines, port } = yield* FaultyServer
      const answer = yield* answerTo(port, bytes)
      assert.strictEqual(answer.status, 400)
      assert.strictEqual(answer.body, malformed)
      assert.strictEqual(answer.headers["content-type"], "application/json")
      assert.strictEqual(answer.headers["connection"], "close")
      assert.match(answer.headers["date"] ?? "", /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/)
      assert.strictEqual(answer.headers["cache-control"], "no-store")
      assert.match(answer.headers["x-request-id"] ?? "", newId)
      assert.notInclude(lines.join(""), "smuggled")
    })
  )

  it.effect("gets a response with its own request id after earlier responses", () =>
    Effect.gen(function* () {
      const { port } = yield* FaultyServer
      const first = request("/faulty/turns/one", { keepAlive: true, headers: { "X-Request-Id": "one" } })
      const answers = yield* answersTo(port, `${first}GARBAGE\r\n\r\n`)
      assert.deepStrictEqual(
        answers.map(({ headers, status }) => [status, headers["x-request-id"] === "one"]),
        [
          [500, true],
          [400, false]
        ]
      )
    })
  )

  it.effect("gets no second response if its request already has one", () =>
    Effect.gen(function* () {
      const { port } = yield* FaultyServer
      const head = `POST /faulty/nothing HTTP/1.1\r\n${chunked}\r\n`
      const answers = yield* answersTo(port, head, `zz\r\n${smuggled}`)
      assert.deepStrictEqual(
        answers.map(({ headers, status }) => [status, headers["x-request-id"]]),
        [[404, "one"]]
      )
    })
  )

  it.effect("gets its response in order, after the response to the previous request", () =>
    Effect.gen(function* () {
      const { port } = yield* FaultyServer
      const first = request("/faulty/turns/zero", { keepAlive: true, headers: { "X-Request-Id": "zero" } })
      const answers = yield* answersTo(port, `${first}POST /faulty/reports HTTP/1.1\r\n${chunked}\r\nzz\r\n`)
      assert.deepStrictEqual(
        answers.map(({ headers, status }) => [status, newId.test(headers["x-request-id"] ?? "")]),
        [
          [500, false],
          [400, true]
        ]
      )
    })
  )

  it.effect("is logged as a request without its bytes", () =>
    Effect.gen(function* () {
      const { lines, port } = yield* FaultyServer
      const { headers } = yield* answerTo(port, `GET ${probe} HTTP/1.1\r\nX-Request-Id: given\r\nX: \u0001\r\n\r\n`)
      const [line, ...others] = lines.filter((line) => line.includes(headers["x-request-id"] ?? "none"))
      assert.isEmpty(others)
      const { duration_ms: _, time: __, ...fields } = Object(JSON.parse(line ?? ""))
      assert.deepStrictEqual(fields, {
        level: "INFO",
        message: "request",
        method: "",
        route: "unmatched",
        path: "",
        status: 400,
        bytes: malformed.length,
        request_id: headers["x-request-id"],
        trace_id: null,
        client_address: "127.0.0.1",
        team: null,
        api_key_id: null,
        api_key_fault: null,
        limited_by: null,
        user_agent: null
      })
    })
  )

  it.effect.each([
    [417, request(probe, { method: "HEAD", headers: { Expect: "more" } })],
    [400, request(`${probe}\u00FF`, { method: "HEAD" })]
  ] as const)("gets no body for HEAD: %i", ([status, bytes]) =>
    Effect.gen(function* () {
      const { port } = yield* FaultyServer
      assert.strictEqual((yield* answerTo(port, bytes)).status, status)
    })
  )

  it.effect("gets one response if the body after an unknown Expect is malformed", () =>
    Effect.gen(function* () {
      const { port } = yield* FaultyServer
      const headers = { Expect: "more", "Transfer-Encoding": "chunked" }
      const { status } = yield* answerTo(port, `${request(probe, { method: "POST", headers })}zz\r\n`)
      assert.strictEqual(status, 417)
    })
  )

  it.effect.each([
    ["one long header", "/x", "a".repeat(20_000)],
    ["a long URL", `/${"a".repeat(20_000)}`, "a"],
    ["more fields than Node.js keeps", "/x", "a\r\nb:".repeat(1000)]
  ] as const)("is too large with %s", ([, target, value]) =>
    Effect.gen(function* () {
      const { port } = yield* FaultyServer
      const answer = yield* answerTo(port, request(target, { headers: { "X-Long": value } }))
      assert.strictEqual(answer.status, 431)
      assert.strictEqual(answer.body, '{"detail":"Headers too large"}')
      assert.strictEqual(answer.headers["connection"], "close")
    })
  )
})
