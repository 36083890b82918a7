import { assert, describe, it } from "@effect/vitest"
import { Predicate } from "effect"
import type { JsonSchema } from "effect"
import { openApiDocument } from "../../src/http/docs/OpenApiDocument.ts"
import type { Surface } from "../../src/http/docs/OpenApiDocument.ts"

const surfaces: ReadonlyArray<Surface> = ["all", "v1"]
const documentOf = (surface: Surface) => openApiDocument(surface, { title: "The Bitcoin Game API", version: "1.2.3" })

const operationsOf = (surface: Surface) =>
  Object.entries(documentOf(surface).paths).flatMap(([path, { delete: remove, get, patch, post, put }]) =>
    [get, post, put, patch, remove].filter(Predicate.isNotUndefined).map((operation) => ({ path, operation }))
  )

const responsesOf = (surface: Surface) =>
  operationsOf(surface).flatMap(({ operation, path }) =>
    Object.entries(operation.responses).map(([status, response]) => ({
      name: `${operation.operationId} ${status}`,
      path,
      status: Number(status),
      isLimited: "429" in operation.responses,
      response
    }))
  )

const failing = responsesOf("all").filter(({ status }) => status >= 400)

describe("the OpenAPI documents for readers", () => {
  it("show an example of every JSON body, which the linter checks against its schema", () => {
    const bodies = operationsOf("all").flatMap(({ operation }) => [
      ...Object.values(operation.responses).map(({ content }) => content),
      operation.requestBody?.content
    ])
    const media = bodies.flatMap((content) => Object.entries(content ?? {})).filter(([type]) => type.includes("json"))
    const { schemas } = documentOf("all").components
    const hasExample = (schema: JsonSchema.JsonSchema): boolean => {
      const { $ref, anyOf = [], examples, items, properties } = schema
      if (Predicate.isString($ref)) return hasExample(schemas[$ref.split("/").at(-1) ?? ""] ?? {})
      const parts = [...Object.values(Object(anyOf)), ...Object.values(Object(properties)), items]
      return examples !== undefined || parts.some((part) => Predicate.isObject(part) && hasExample(part))
    }
    assert.isAbove(media.length, 50)
    assert.deepStrictEqual(
      media.filter(([, shown]) => !("examples" in shown || hasExample(shown.schema))),
      []
    )
  })

  it("have a summary, a description and described tags for every operation", () => {
    const described = new Set(
      documentOf("all")
        .tags.filter(({ description }) => description !== undefined)
        .map(({ name }) => name)
    )
    for (const { operation } of operationsOf("all")) {
      assert.isNotEmpty(operation.summary, operation.operationId)
      assert.isNotEmpty(operation.description, operation.operationId)
      assert.isTrue(operation.tags.every((tag) => described.has(tag)))
    }
  })

  it("describe every parameter, header and member of a body", () => {
    const parameters = operationsOf("all").flatMap(({ operation }) =>
      operation.parameters.map(({ description, name }) => ({ name: `${operation.operationId} ${name}`, description }))
    )
    const headers = responsesOf("all").flatMap(({ name, response }) =>
      Object.entries(response.headers ?? {}).map(([header, documented]) => ({
        name: `${name} ${header}`,
        ...documented
      }))
    )
    const members = Object.entries(documentOf("all").components.schemas).flatMap(([schema, { properties }]) =>
      Object.entries(Object(properties)).map(([member, documented]) => ({
        name: `${schema}.${member}`,
        ...Object(documented)
      }))
    )
    const all = [...parameters, ...headers, ...members]
    assert.isAbove(all.length, 200)
    // A reference is described by its schema.
    const undescribed = all.filter((item) => !("$ref" in item) && (item.description ?? "") === "")
    assert.deepStrictEqual(
      undescribed.map(({ name }) => name),
      []
    )
  })

  it.each(failing)("have one error schema per format: $name", ({ path, response }) => {
    assert.deepStrictEqual(Object.keys(response.content ?? {}), ["application/json"])
    const content = JSON.stringify(response.content?.["application/json"]?.schema)
    const [shape, other] = path.startsWith("/v1") ? ["ApiErrorV1", "ApiError"] : ["ApiError", "ApiErrorV1"]
    assert.include(content, `#/components/schemas/${shape}"`)
    assert.notInclude(content, `#/components/schemas/${other}"`)
  })

  it.each(surfaces)("have plain patterns, lengths on the property, and no encoding names: %s", (surface) => {
    const document = documentOf(surface)
    const text = JSON.stringify(document)
    assert.notMatch(text, /"pattern":"[^"]*\\\\[pu]/u)
    assert.notMatch(text, /"allOf"/u)
    assert.deepStrictEqual(
      Object.keys(document.components.schemas).filter((name) => name.includes("Encoded")),
      []
    )
    const timestamp = Object(document.components.schemas["Post"]).properties.timestamp
    assert.strictEqual(timestamp.format, "date-time")
  })

  it("list API keys first and never the metrics token", () => {
    assert.deepStrictEqual(Object.keys(documentOf("all").components.securitySchemes), ["apiKey", "bearer", "session"])
  })

  it("list the headers of every response: request id, limits and Retry-After", () => {
    for (const { isLimited, name, response, status } of responsesOf("all")) {
      const names = Object.keys(response.headers ?? {})
      assert.include(names, "X-Request-Id", name)
      assert.strictEqual(names.includes("X-RateLimit-Limit"), isLimited && (status < 400 || status === 429), name)
      assert.strictEqual(names.includes("Retry-After"), status === 429 || status === 503, name)
      assert.strictEqual(names.includes("WWW-Authenticate"), status === 401, name)
    }
  })

  it.each([
    ["all", "https://host/prefix/openapi.json"],
    ["v1", "https://host/prefix/v1/openapi.json"]
  ] as const)("name the server that served them, also behind a path prefix: %s", (surface, address) => {
    assert.deepStrictEqual(
      documentOf(surface).servers?.map(({ url }) => new URL(url, address).href),
      ["https://host/prefix/"]
    )
  })
})
