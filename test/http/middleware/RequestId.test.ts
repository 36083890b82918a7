import { assert, describe, it } from "@effect/vitest"
import { requestIdOf } from "../../../src/http/middleware/ResponseHeaders.ts"

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

describe("the request id", () => {
  it("is a new UUID of 36 characters if the caller sends none", () => {
    assert.match(requestIdOf(undefined), uuid)
    assert.strictEqual(requestIdOf(undefined).length, 36)
    assert.notStrictEqual(requestIdOf(undefined), requestIdOf(undefined))
  })

  it.each(["test-123", "a", "A.b_c:d-9", "0".repeat(128), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"])(
    "keeps %s",
    (given) => assert.strictEqual(requestIdOf(given), given)
  )

  it.each([
    ["nothing", ""],
    ["129 characters", "a".repeat(129)],
    ["10,000 characters", "a".repeat(10_000)],
    ["two of them, joined", "one, two"],
    ["a space", "a b"],
    ["a trailing space", "a "],
    ["a line break", "a\r\nSet-Cookie: b=c"],
    ["a trailing line break", "a\n"],
    ["NUL", "a\u0000"],
    ["an escape", "\u001B[31m"],
    ["a quote", 'a","level":"ERROR'],
    ["a backslash", "a\\"],
    ["markup", "<script>"],
    ["a path", "../../etc/passwd"],
    ["a lookup", "${jndi:ldap://a}"],
    ["another alphabet", "идентификатор"],
    ["a percent-encoding", "a%0d%0a"]
  ])("replaces %s", (_, given) => assert.match(requestIdOf(given), uuid))
})
