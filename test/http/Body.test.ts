import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { answerTo, answersTo, request } from "../support/RawHttp.ts"
import { FaultyServer } from "../support/TestEdge.ts"

const valid = { title: "a", content: "b\n\tc", rating: 5 }
const post = (body: string, headers: Readonly<Record<string, string | undefined>> = {}) =>
  request("/faulty/reports", { method: "POST", body, headers })

/** The body in chunks of at most 1,000 bytes, without a length. */
const chunkedPost = (body: string) => {
  const chunks = body.match(/[^]{1,1000}/g) ?? []
  const text = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join("")
  const headers = { "Content-Type": "application/json", "Transfer-Encoding": "chunked" }
  return `${request("/faulty/reports", { method: "POST", headers })}${text}0\r\n\r\n`
}

/** Valid JSON of exactly this many bytes. */
const padded = (bytes: number) => JSON.stringify(valid).padEnd(bytes)
const limit = 5000
const tooLarge = '{"detail":"Payload too large"}'

layer(FaultyServer.layer({ variables: { TBG_MAX_BODY_BYTES: String(limit) } }), { excludeTestServices: true })(
  "a request body",
  (it) => {
    it.effect.each([
      ["with its length", post(padded(limit))],
      ["in chunks", chunkedPost(padded(limit))],
      ["of another case and with parameters", post(padded(99), { "Content-Type": "Application/JSON; charset=utf-8" })]
    ] as const)("is accepted up to the limit: %s", ([, bytes]) =>
      Effect.gen(function* () {
        const { port } = yield* FaultyServer
        const answer = yield* answerTo(port, bytes)
        assert.strictEqual(answer.status, 201)
        assert.deepStrictEqual(JSON.parse(answer.body), valid)
      })
    )

    it.effect.each([
      ["with its length", post(padded(limit + 1))],
      ["in chunks", chunkedPost(padded(limit + 1))],
      ["in chunks, far past it", chunkedPost(padded(200_000))],
      [
        "as it says, before any of it is sent",
        request("/faulty/reports", {
          method: "POST",
          headers: { "Content-Type": "application/json", "Content-Length": "1000000000", Expect: "100-continue" }
        })
      ]
    ] as const)("is rejected above the limit: %s", ([, bytes]) =>
      Effect.gen(function* () {
        const { port } = yield* FaultyServer
        const answer = yield* answerTo(port, bytes)
        assert.strictEqual(answer.status, 413)
        assert.strictEqual(answer.body, tooLarge)
      })
    )

    it.effect("is accepted after 100 Continue", () =>
      Effect.gen(function* () {
        const { port } = yield* FaultyServer
        const body = JSON.stringify(valid)
        const headers = {
          "Content-Type": "application/json",
          "Content-Length": String(body.length),
          Expect: "100-continue"
        }
        const answers = yield* answersTo(port, request("/faulty/reports", { method: "POST", headers }), body)
        assert.deepStrictEqual(
          answers.map(({ status }) => status),
          [100, 201]
        )
      })
    )

    it.effect("keeps its UTF-8 text unchanged", () =>
      Effect.gen(function* () {
        const { port } = yield* FaultyServer
        const sent = { ...valid, title: "\u00E9\u20BF\u{1F9F1}" }
        const answer = yield* answerTo(port, post(Buffer.from(JSON.stringify(sent)).toString("latin1")))
        assert.strictEqual(answer.status, 201)
        assert.deepStrictEqual(JSON.parse(Buffer.from(answer.body, "latin1").toString()), sent)
      })
    )

    it.effect.each([
      ["text/plain", "text/plain"],
      ["a form", "application/x-www-form-urlencoded"],
      ["parts", "multipart/form-data; boundary=x"],
      ["a relative of JSON", "application/vnd.api+json"],
      ["nothing", undefined],
      ["an empty name", ""],
      ["no name at all", "json"],
      ["two names", "application/json, text/plain"]
    ] as const)("is rejected if it is not JSON: %s", ([, type]) =>
      Effect.gen(function* () {
        const { port } = yield* FaultyServer
        const answer = yield* answerTo(port, post(JSON.stringify(valid), { "Content-Type": type }))
        assert.strictEqual(answer.status, 415)
        assert.strictEqual(answer.body, '{"detail":"Unsupported media type"}')
      })
    )

    it.effect.each([
      "{",
      "nul",
      "{'a':1}",
      "[1,]",
      "\u0000",
      '{"a":\u0001}',
      '"\u00FF',
      "NaN",
      "undefined",
      "<a/>",
      "[".repeat(4000),
      '{"title":"\u00FF","content":"b","rating":5}',
      '{"title":"\u00C0\u0080","content":"b","rating":5}',
      '{"title":"\u00ED\u00A0\u0080","content":"b","rating":5}'
    ])("is rejected if it is malformed: %j", (body) =>
      Effect.gen(function* () {
        const { port } = yield* FaultyServer
        const answer = yield* answerTo(port, post(body))
        assert.strictEqual(answer.status, 400)
        assert.strictEqual(answer.body, '{"detail":"Malformed request"}')
      })
    )

    it.effect.each([
      ["no body", request("/faulty/reports", { method: "POST" })],
      ["an empty body", post("")],
      ["null", post("null")],
      ["text", post('"a"')],
      ["a list", post("[]")],
      ["deep lists", post(`${"[".repeat(2000)}${"]".repeat(2000)}`)]
    ] as const)("is invalid as a whole if it is not an object: %s", ([, bytes]) =>
      Effect.gen(function* () {
        const { port } = yield* FaultyServer
        const answer = yield* answerTo(port, bytes)
        assert.strictEqual(answer.status, 422)
        assert.strictEqual(
          answer.body,
          '{"detail":"Validation error","errors":[{"path":"","message":"Expected an object"}]}'
        )
      })
    )

    it.effect.each([
      ["title", { title: "a\u0000" }],
      ["title", { title: "a\nb" }],
      ["title", { title: "\uD800" }],
      ["title", { title: "" }],
      ["title", { title: "a".repeat(31) }],
      ["content", { content: "a\u0000" }],
      ["content", { content: "a\u001Bb" }],
      ["rating", { rating: 0 }],
      ["rating", { rating: 1.5 }],
      ["rating", { rating: 6 }],
      ["rating", { rating: "5" }],
      ["tags", { tags: ["a", "b", "c", "d"] }],
      ["tags[1]", { tags: ["a", "\u0007"] }],
      ["parent_id", { parent_id: "1" }],
      ["comments[0].replies[2]", { comments: [{ author: "a", text: "b", replies: ["a", "b", 1] }] }],
      ["comments[0].more", { comments: [{ author: "a", text: "b", replies: [], more: 1 }] }],
      ["more", { more: 1 }],
      ["constructor", { constructor: 1 }],
      ["toString", { toString: 1 }]
    ] as const)("is invalid only at %s: %j", ([path, part]) =>
      Effect.gen(function* () {
        const { port } = yield* FaultyServer
        const answer = yield* answerTo(port, post(JSON.stringify({ ...valid, ...part })))
        assert.strictEqual(answer.status, 422)
        const paths = Object(JSON.parse(answer.body)).errors.map((problem: { readonly path: string }) => problem.path)
        assert.deepStrictEqual(paths, [path])
      })
    )

    it.effect("has an unknown field if it names an object's prototype", () =>
      Effect.gen(function* () {
        const { port } = yield* FaultyServer
        const answer = yield* answerTo(port, post(`{"__proto__":{"title":"x"},${JSON.stringify(valid).slice(1)}`))
        assert.strictEqual(answer.status, 422)
        assert.include(answer.body, '"path":"__proto__"')
      })
    )

    it.effect("reports all kinds of problems together", () =>
      Effect.gen(function* () {
        const { port } = yield* FaultyServer
        const answer = yield* answerTo(port, post('{"title":1,"rating":9,"tags":["",2],"more":true}'))
        const paths = Object(JSON.parse(answer.body)).errors.map((problem: { readonly path: string }) => problem.path)
        assert.sameMembers(paths, ["title", "content", "rating", "tags[0]", "tags[1]", "more"])
      })
    )
  }
)
