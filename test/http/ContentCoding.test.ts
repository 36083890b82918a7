import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { gzipSync } from "node:zlib"
import { answerTo, request } from "../support/RawHttp.ts"
import { FaultyServer } from "../support/TestEdge.ts"

const valid = { title: "a", content: "b", rating: 5 }
const post = (body: string, headers: Readonly<Record<string, string>>) =>
  request("/faulty/reports", { method: "POST", body, headers })

layer(FaultyServer.layer(), { excludeTestServices: true })("a body with Content-Encoding", (it) => {
  it.effect.each([
    ["gzip", gzipSync(JSON.stringify(valid)).toString("latin1")],
    ["gzip, chunked wrongly", JSON.stringify(valid)],
    ["br", JSON.stringify(valid)],
    ["identity, deflate", JSON.stringify(valid)]
  ] as const)("is rejected even if it is not encoded: %s", ([coding, body]) =>
    Effect.gen(function* () {
      const { port } = yield* FaultyServer
      const answer = yield* answerTo(port, post(body, { "Content-Encoding": coding }))
      assert.strictEqual(answer.status, 415)
      assert.strictEqual(answer.headers["accept-encoding"], "identity")
      const plain = yield* answerTo(port, post(body, { "Content-Type": "text/plain" }))
      assert.deepStrictEqual([plain.status, plain.headers["accept-encoding"]], [415, undefined])
    })
  )

  it.effect("is accepted if the encoding is identity", () =>
    Effect.gen(function* () {
      const { port } = yield* FaultyServer
      const answer = yield* answerTo(port, post(JSON.stringify(valid), { "Content-Encoding": "Identity" }))
      assert.strictEqual(answer.status, 201)
    })
  )
})
