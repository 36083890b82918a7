import { assert, describe, it } from "@effect/vitest"
import { encodingOf, prefersProblem, dialectOf } from "../../../src/http/middleware/Negotiation.ts"

const problem = "application/problem+json"

describe("a preference for problem documents", () => {
  it.each([
    problem,
    "APPLICATION/Problem+JSON",
    `${problem};q=0.1`,
    `${problem}, application/json;q=0.9`,
    `application/json;q=0.9, ${problem}`,
    `application/json;q=0, ${problem};q=0.001`,
    `${problem}, */*;q=0.5`,
    `application/*;q=0.2, ${problem};q=0.3`,
    `  ${problem} ; q=1 , text/html`,
    `${problem};charset=utf-8`,
    `application/json;q=0, */*`,
    `${problem};q=0.5, application/json;q=2`,
    `,,${problem},,`,
    `garbage, ${problem}`
  ])("is found in Accept: %s", (accept) => assert.isTrue(prefersProblem(accept)))

  it.each([
    undefined,
    "",
    "*/*",
    "application/*",
    "application/json",
    "text/html",
    `${problem}, application/json`,
    `application/json, ${problem}`,
    `${problem};q=0.5, application/json;q=0.5`,
    `${problem};q=0`,
    `${problem};q=0.5, application/json`,
    `${problem};q=0.5, */*`,
    `${problem};q=0.5, application/*;q=0.8`,
    `application/*, ${problem};q=0`,
    `${problem};q=high`,
    `${problem};q=1.5`,
    `${problem};q=-1`,
    `${problem};q=NaN`,
    "problem+json",
    "application / problem+json",
    `${problem}x`
  ])("is not found in Accept: %s", (accept) => assert.isFalse(prefersProblem(accept)))

  it("is decided in linear time for a long header", () => {
    assert.isFalse(prefersProblem(`${"application/json;q=0.5,".repeat(600)}x`))
  })
})

describe("the error format", () => {
  it.each([
    [undefined, "/health", "detail"],
    [undefined, "/api/v1/public/health", "detail"],
    [undefined, "/v1", "envelope"],
    [undefined, "/v1/", "envelope"],
    [undefined, "/v1?x", "envelope"],
    [undefined, "/v1#x", "envelope"],
    [undefined, "/v1/teams/a/posts?limit=1", "envelope"],
    [undefined, "/v11/teams", "detail"],
    [undefined, "/V1/teams", "detail"],
    [undefined, "//v1/teams", "detail"],
    [undefined, "/a/v1/teams", "detail"],
    [problem, "/health", "problem"],
    [problem, "/v1/teams", "problem"]
  ] as const)("for Accept %s and path %s is %s", (accept, path, rendering) => {
    assert.strictEqual(dialectOf(accept, path), rendering)
  })
})

describe("the content coding", () => {
  it.each([
    [undefined, "identity"],
    ["", "identity"],
    ["gzip, deflate, br, zstd", "br"],
    ["GZIP", "gzip"],
    ["*", "br"],
    ["br;q=0.5, gzip;q=0.8", "gzip"],
    ["br;q=0, *", "gzip"],
    ["gzip;q=0.001", "gzip"],
    ["identity, br;q=0.5", "identity"],
    ["deflate", "identity"],
    ["br;q=2", "identity"],
    ["*;q=0", "identity"]
  ] as const)("for Accept-Encoding %s is %s", (accepted, expected) =>
    assert.strictEqual(encodingOf(accepted), expected)
  )
})
