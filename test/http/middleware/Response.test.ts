import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import { RequestInfo } from "../../../src/http/middleware/RequestInfo.ts"
import { failureResponse, renderedFailure, statusHeaders } from "../../../src/http/middleware/Response.ts"

const problem = "application/problem+json"

const infoOf = (path: string) =>
  Effect.withFiber<RequestInfo>((fiber) => {
    const request = HttpServerRequest.fromWeb(
      new Request(`http://localhost${path}`, { headers: { "x-request-id": "test-123" } })
    )
    return Effect.succeed(new RequestInfo(request, fiber, () => "unknown"))
  })

const bodyOf = (response: HttpServerResponse.HttpServerResponse) =>
  Effect.promise(() => HttpServerResponse.toWeb(response).text())

/** What a caller at `path` gets for a response that somebody made. */
const rendered = (response: HttpServerResponse.HttpServerResponse, path: string, accept?: string) =>
  Effect.map(infoOf(path), (info) => renderedFailure(response, info, accept))

const declared = HttpServerResponse.jsonUnsafe({ detail: "Conflict" }, { status: 409, headers: { link: "x" } })

describe("a response that an endpoint or the library made", () => {
  it.effect("stays as it is where it has the default shape", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* rendered(declared, "/x"), declared)
    })
  )

  it.effect("becomes an envelope under /v1, its headers kept", () =>
    Effect.gen(function* () {
      const response = yield* rendered(declared, "/v1/x")
      assert.strictEqual(response.status, 409)
      assert.strictEqual(response.headers["link"], "x")
      assert.strictEqual(yield* bodyOf(response), '{"error":"Conflict","code":"CONFLICT","details":{}}')
      assert.strictEqual(response.headers["content-length"], "51")
    })
  )

  it.effect("becomes a problem, its errors kept", () =>
    Effect.gen(function* () {
      const errors = [{ path: "a", message: "b" }]
      const invalid = HttpServerResponse.jsonUnsafe({ detail: "Validation error", errors }, { status: 422 })
      const response = yield* rendered(invalid, "/x?y=1", problem)
      assert.strictEqual(response.headers["content-type"], problem)
      const body: unknown = JSON.parse(yield* bodyOf(response))
      assert.deepPropertyVal(body, "errors", errors)
      assert.propertyVal(body, "instance", "/x")
      assert.propertyVal(body, "request_id", "test-123")
    })
  )

  it.effect.each([
    ["empty", HttpServerResponse.empty({ status: 413 }), '{"detail":"Payload too large"}'],
    ["plain text", HttpServerResponse.text("secret", { status: 500 }), '{"detail":"Internal server error"}'],
    ["HTML", HttpServerResponse.html("<p>secret").pipe(HttpServerResponse.setStatus(404)), '{"detail":"Not found"}']
  ] as const)("gets a body where it is %s", ([, response, expected]) =>
    Effect.gen(function* () {
      const shaped = yield* rendered(response, "/x")
      assert.strictEqual(yield* bodyOf(shaped), expected)
      assert.strictEqual(shaped.headers["content-type"], "application/json")
    })
  )

  it.effect("stays as it is where it has a shape of its own, as readiness has", () =>
    Effect.gen(function* () {
      const report = HttpServerResponse.jsonUnsafe({ status: "degraded", checks: {} }, { status: 503 })
      assert.strictEqual(yield* rendered(report, "/v1/ready", problem), report)
    })
  )

  it.effect("stays as it is where it is a problem already", () =>
    Effect.gen(function* () {
      const info = yield* infoOf("/v1/x")
      const made = failureResponse(
        { code: "VALIDATION_ERROR", errors: [{ path: "a", message: "b" }] },
        422,
        info,
        problem
      )
      assert.strictEqual(renderedFailure(made, info, problem), made)
    })
  )

  it.effect("stays as it is with a status that the taxonomy does not know", () =>
    Effect.gen(function* () {
      const teapot = HttpServerResponse.jsonUnsafe({ a: 1 }, { status: 418 })
      assert.strictEqual(yield* rendered(teapot, "/x"), teapot)
    })
  )
})

describe("a failure as a response", () => {
  it.effect("names the methods that the path knows", () =>
    Effect.gen(function* () {
      const response = failureResponse(
        { code: "METHOD_NOT_ALLOWED", allow: "GET" },
        405,
        yield* infoOf("/x"),
        undefined
      )
      assert.strictEqual(response.headers["allow"], "GET")
      assert.strictEqual(yield* bodyOf(response), '{"detail":"Method not allowed"}')
    })
  )
})

describe("the headers of a status", () => {
  it.each([
    [401, {}, { "www-authenticate": "Bearer" }],
    [401, { challenge: "Basic" }, { "www-authenticate": "Basic" }],
    [503, {}, { "retry-after": "1" }],
    [415, {}, {}],
    [415, { isCoded: true }, { "accept-encoding": "identity" }],
    [200, { isCoded: true }, {}],
    [404, {}, {}],
    [500, {}, {}]
  ])("%i of %o are %o", (status, asked, headers) => assert.deepStrictEqual(statusHeaders(status, asked), headers))
})
