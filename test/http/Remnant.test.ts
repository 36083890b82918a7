import { assert, describe, it } from "@effect/vitest"
import { remnantOfBytes } from "../../src/http/Remnant.ts"

const bytesOf = (text: string) => Buffer.from(text, "latin1")
const head = "GET /v1/a?b HTTP/1.1\r\nHost: a\r\nX-Request-Id:  one \r\nAccept: x\r\n"

describe("what can be made out of a refused request", () => {
  it("is its method, target and headers", () => {
    assert.deepStrictEqual(remnantOfBytes(bytesOf(`${head}X: \u0001\r\n\r\n`)), {
      method: "GET",
      target: "/v1/a?b",
      headers: { host: "a", "x-request-id": "one", accept: "x" }
    })
  })

  it.each([
    ["no bytes", undefined],
    ["nothing", bytesOf("")],
    ["garbage", bytesOf("\u0016\u0003\u0001 hello")]
  ])("is nothing of %s", (_, bytes) => {
    assert.deepStrictEqual(remnantOfBytes(bytes), { method: "", target: "/", headers: {} })
  })

  it.each(["GET http://a/ HTTP/1.1\r\n", "GET /\u00FF HTTP/1.1\r\n", "GET / x HTTP/9\u0001"])(
    "is its method, where its target cannot be: %j",
    (text) => assert.deepInclude(remnantOfBytes(bytesOf(text)), { method: "GET", target: "/" })
  )

  it("is the first of two headers, and none that is broken", () => {
    const { headers } = remnantOfBytes(
      bytesOf(`GET / HTTP/1.1\r\nA: 1\r\nA: 2\r\nB: \u0000\r\nC : 3\r\n D: 4\r\nE\r\n`)
    )
    assert.deepStrictEqual(headers, { a: "1" })
  })

  it("is nothing of the request before it", () => {
    const bytes = `${head}\r\nPOST /b HTTP/1.1\r\nX-Request-Id: two\r\nX: \u0001\r\n\r\n`
    assert.deepStrictEqual(remnantOfBytes(bytesOf(bytes), bytes.indexOf("\u0001")), {
      method: "POST",
      target: "/b",
      headers: { "x-request-id": "two" }
    })
  })

  it("is its own when it was refused at its end", () => {
    const bytes = `${head}\r\n`
    assert.strictEqual(remnantOfBytes(bytesOf(bytes), bytes.length - 3).headers["x-request-id"], "one")
  })
})
