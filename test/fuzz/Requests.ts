import { Schema } from "effect"
import { default as fc } from "fast-check"
import { latin1 } from "../support/GeneratedBody.ts"
import { request } from "../support/RawHttp.ts"
import { fromSchema } from "./FromSchema.ts"

/** The part of an OpenAPI document that requests are generated from. */
const Document = Schema.Struct({
  components: Schema.Struct({ schemas: Schema.Record(Schema.String, Schema.ObjectKeyword) }),
  paths: Schema.Record(
    Schema.String,
    Schema.Record(
      Schema.String,
      Schema.Struct({
        parameters: Schema.optional(
          Schema.Array(
            Schema.Struct({
              name: Schema.String,
              in: Schema.Literals(["path", "query", "header"]),
              required: Schema.optional(Schema.Boolean),
              schema: Schema.ObjectKeyword
            })
          )
        ),
        requestBody: Schema.optional(
          Schema.Struct({
            content: Schema.Record(Schema.String, Schema.Struct({ schema: Schema.ObjectKeyword }))
          })
        )
      })
    )
  )
})
const decodeDocument = Schema.decodeUnknownSync(Document)

/** Placeholder for this run's key, which a stored corpus cannot contain. */
export const tokenMark = "{token}"

const encoded = (value: unknown): string => {
  const text = typeof value === "string" ? value : JSON.stringify(value)
  return encodeURIComponent(text.toWellFormed())
}

/** No line breaks, so that the value stays in its header. */
const headerText = (value: unknown): string =>
  latin1(typeof value === "string" ? value : JSON.stringify(value)).replaceAll(/[\r\n]/gu, "")

const authorization = fc.oneof(
  { weight: 8, arbitrary: fc.constant(`Bearer ${tokenMark}`) },
  fc.constantFrom(undefined, "", "Bearer", "Bearer tbg_x_y", "Basic eDp5")
)

/**
 * Generates requests as bytes from an OpenAPI document, with parameters and bodies at and around their bounds. `known`
 * holds path parameters of existing records.
 */
export const fromDocument = (document: unknown, known: Readonly<Record<string, string>>): fc.Arbitrary<string> => {
  const { components, paths } = decodeDocument(document)
  const resolve = (reference: string) => components.schemas[reference.slice(reference.lastIndexOf("/") + 1)] ?? {}

  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => {
      const parameters = operation.parameters ?? []
      const values = fc.record(
        Object.fromEntries(
          parameters.map((parameter) => {
            const some = fromSchema(parameter.schema, resolve)
            const value = known[parameter.name]
            const often = value === undefined ? some : fc.oneof({ weight: 6, arbitrary: fc.constant(value) }, some)
            return [parameter.name, parameter.required ? often : fc.option(often, { nil: undefined })]
          })
        )
      )
      const schema = operation.requestBody?.content["application/json"]?.schema
      const body =
        schema === undefined
          ? fc.constant(undefined)
          : fromSchema(schema, resolve).map((value) => latin1(JSON.stringify(value)))
      const made = fc.record({ values, body, authorization }).map(({ authorization, body, values }) => {
        const of = (place: "path" | "query" | "header") =>
          parameters.flatMap((parameter): ReadonlyArray<readonly [string, unknown]> => {
            const value = values[parameter.name]
            return parameter.in === place && value !== undefined ? [[parameter.name, value]] : []
          })
        const target = of("path").reduce((target, [name, value]) => target.replace(`{${name}}`, encoded(value)), path)
        const query = of("query").map(([name, value]) => `${name}=${encoded(value)}`)
        const headers = of("header").map(([name, value]) => [name, headerText(value)])
        return request(query.length === 0 ? target : `${target}?${query.join("&")}`, {
          method: method.toUpperCase(),
          headers: { ...Object.fromEntries(headers), Authorization: authorization },
          ...(body === undefined ? {} : { body })
        })
      })
      return [{ weight: schema === undefined ? 1 : 4, arbitrary: made }]
    })
  )
  return fc.oneof(...operations)
}

const odd = fc.constantFrom(
  ..."\r\n|\n|\r|\0|\u00ff|\t| |:|;|,|%00|%|../|HTTP/1.0|HTTP/9.9|Transfer-Encoding: chunked\r\n".split("|"),
  "\r\n\r\n",
  "Content-Length: 5\r\n",
  "Expect: 100-continue\r\n",
  "Connection: upgrade\r\nUpgrade: h2c\r\n",
  "0\r\n\r\n",
  "ffffffffffffffff\r\n",
  "a".repeat(20_000)
)

const place = fc.nat(2000)
const change: fc.Arbitrary<(bytes: string) => string> = fc.oneof(
  fc.tuple(place, odd).map(([at, text]) => (bytes: string) => {
    const from = at % (bytes.length + 1)
    return bytes.slice(0, from) + text + bytes.slice(from)
  }),
  fc.tuple(place, fc.nat(40)).map(([at, length]) => (bytes: string) => {
    const from = at % (bytes.length + 1)
    return bytes.slice(0, from) + bytes.slice(from + length)
  }),
  fc.tuple(place, fc.nat(255)).map(([at, byte]) => (bytes: string) => {
    const from = at % (bytes.length + 1)
    return bytes.slice(0, from) + String.fromCodePoint(byte) + bytes.slice(from + 1)
  }),
  place.map((at) => (bytes: string) => bytes.slice(0, at % (bytes.length + 1))),
  fc.constant((bytes: string) => bytes.replace("Connection: close", "Connection: keep-alive") + bytes)
)

/** Bytes that are almost one or several requests. */
export const nearly = (requests: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(requests, fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([bytes, changes]) => changes.reduce((changed, change) => change(changed), bytes))
