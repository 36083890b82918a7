import { assert, describe, it } from "@effect/vitest"
import { openApiDocument } from "../../src/http/docs/OpenApiDocument.ts"

interface Response {
  readonly headers?: Readonly<Record<string, object>>
}

interface Operation {
  readonly tags: ReadonlyArray<string>
  readonly security: ReadonlyArray<object>
  readonly responses: Readonly<Record<string, Response>>
  readonly parameters: ReadonlyArray<{
    readonly name: string
    readonly in: string
    readonly required: boolean
    readonly schema: object
  }>
}

const { components, paths } = openApiDocument("v1", { title: "t", version: "1" })

const operationOf = (path: string, method: string): Operation =>
  Object(Object(paths)[`/v1/teams/{team}/posts${path}`])[method]

const always = ["400", "401", "403", "412", "422", "429", "500", "503"]

const rows = [
  ["", "get", ["200"], ["team", "limit", "offset", "cursor"]],
  ["", "post", ["201", "404", "409", "413", "415"], ["team", "idempotency-key"]],
  ["/{id}", "get", ["200", "304", "404"], ["team", "id", "if-match", "if-none-match"]],
  ["/{id}", "delete", ["204", "404"], ["team", "id", "if-match"]],
  ["/{id}/restore", "post", ["200", "404"], ["team", "id", "if-match"]]
] as const

describe("the OpenAPI document of posts", () => {
  it.each(rows)("lists every response, parameter and the key: %s %s", (path, method, statuses, parameters) => {
    const operation = operationOf(path, method)
    assert.sameMembers(Object.keys(operation.responses), [...always, ...statuses])
    assert.sameMembers(
      operation.parameters.map(({ name }) => name),
      [...parameters]
    )
    assert.deepStrictEqual(operation.security, [{ apiKey: [] }])
    assert.deepStrictEqual(operation.tags, ["Posts"])
  })

  it.each([
    ["", "get", "200", ["link"]],
    ["", "post", "201", ["location", "idempotency-replayed"]],
    ["/{id}", "get", "200", ["etag"]],
    ["/{id}", "get", "304", ["etag"]]
  ] as const)("lists the headers of %s %s %s", (path, method, status, headers) => {
    assert.includeMembers(Object.keys(operationOf(path, method).responses[status]?.headers ?? {}), [...headers])
  })

  it("accepts the key as a bearer token", () => {
    assert.deepInclude(components.securitySchemes["apiKey"], { type: "http", scheme: "bearer" })
  })

  it("has bounded integers in a query", () => {
    const schemas = new Map(operationOf("", "get").parameters.map(({ name, schema }) => [name, schema]))
    assert.deepStrictEqual(schemas.get("limit"), { type: "integer", minimum: 1, maximum: 100, default: 10 })
    assert.deepStrictEqual(schemas.get("offset"), { type: "integer", minimum: 0, maximum: 10_000 })
  })

  it("requires no query parameter", () => {
    const wanted = operationOf("", "get").parameters.filter(({ required }) => required)
    assert.deepStrictEqual(
      wanted.map(({ name }) => name),
      ["team"]
    )
  })
})
