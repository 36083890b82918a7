import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { gzipSync } from "node:zlib"
import { answerTo, request } from "../support/RawHttp.ts"
import { FaultyServer } from "../support/TestEdge.ts"

const valid = { title: "a", content: "b", rating: 5 }
const post = (body: string, headers: Readonly<Record<string, string>>) =>
  request("/faulty/reports", { method: "POST", body, headers })

layer(FaultyServer.layer(), { excludeTestServices: true })("a body", (it) => {
  it.effect.each([
    ["gzip", gzipSync(JSON.stringify(valid)).toString("latin1")],
    ["gzip, chunked wrongly", JSON.stringify(valid)],
    ["br", JSON.stringify(valid)],
    ["identity, deflate", JSON.stringify(valid)]
  ] as const)("with a content coding is refused, even if it is not encoded: %s", ([coding, body]) =>
    Effect.gen(function* () {
      const { port } = yield* FaultyServer
      const answer = yield* answerTo(port, post(body, { "Content-Encoding": coding }))
      assert.strictEqual(answer.status, 415)
      assert.strictEqual(answer.headers["accept-encoding"], "identity")
      const plain = yield* answerTo(port, post(body, { "Content-Type": "text/plain" }))
      assert.deepStrictEqual([plain.status, plain.headers["accept-encoding"]], [415, undefined])
    })
  )

  it.effect("with the coding identity is accepted", () =>
    Effect.gen(function* () {
      const { port } = yield* FaultyServer
      const answer = yield* answerTo(port, post(JSON.stringify(valid), { "Content-Encoding": "Identity" }))
      assert.strictEqual(answer.status, 201)
    })
  )
})
