import { OpenApi } from "effect/http-api"
import { Api, V1Api } from "../api/Api.ts"
import { commonHeaders } from "./CommonHeaders.ts"
import { description } from "./Description.ts"
import { examples, parameterExamples } from "./Examples.ts"
import { withFields, withMeaning } from "./Fields.ts"
import { failureResponse, failureSchemas, isFailure } from "./FailureResponses.ts"
import { namedIn, referencesOf } from "./References.ts"

export type Surface = "all" | "v1"

export interface DocumentOptions {
  /** The document's title, `TBG_PROJECT_NAME`. */
  readonly title: string
  readonly version: string
}

type Operation = OpenApi.OpenAPISpecOperation

const methods = ["get", "post", "put", "patch", "delete"] as const

/** Statuses of a rejected body. */
const ofBodies = new Set(["413", "415"])

const successes: Readonly<Record<string, string>> = {
  200: "Success.",
  201: "Created.",
  204: "Done; there is no body.",
  304: "Not changed since the caller got it; there is no body."
}

const withExamples = (content: OpenApi.OpenApiSpecContent): OpenApi.OpenApiSpecContent =>
  Object.fromEntries(
    Object.entries(content).map(([type, media]) => {
      const [name] = referencesOf(media.schema)
      const example = name === undefined ? undefined : namedIn(examples, name)
      return [type, example === undefined ? media : { ...media, example }]
    })
  )

const describedParameter = (parameter: OpenApi.OpenAPISpecParameter): OpenApi.OpenAPISpecParameter => {
  const example = parameterExamples[parameter.name]
  return withMeaning(parameter.name, example === undefined ? parameter : { ...parameter, example })
}

const describedHeaders = (headers: OpenApi.OpenApiSpecResponse["headers"] = {}) =>
  Object.fromEntries(Object.entries(headers).map(([name, header]) => [name, withMeaning(name, header)]))

/** An operation with what the edge adds to it, and with examples. */
const described = (path: string, operation: Operation): Operation => {
  const isLimited = "429" in operation.responses
  const entries = Object.entries(operation.responses)
  // `Payload` is on every endpoint and acts on those with a body.
  const possible = operation.requestBody === undefined ? entries.filter(([status]) => !ofBodies.has(status)) : entries
  const responses = possible.map(([status, response]) => {
    const { content, ...rest } = response
    const shaped =
      status >= "400"
        ? failureResponse(path, response)
        : {
            ...rest,
            description: successes[status] ?? rest.description,
            ...(content === undefined ? {} : { content: withExamples(content) })
          }
    return [
      status,
      { ...shaped, headers: { ...commonHeaders(status, isLimited), ...describedHeaders(shaped.headers) } }
    ] as const
  })
  const { requestBody } = operation
  return {
    ...operation,
    parameters: operation.parameters.map(describedParameter),
    responses: Object.fromEntries(responses),
    ...(requestBody === undefined
      ? {}
      : { requestBody: { ...requestBody, content: withExamples(requestBody.content) } })
  }
}

/**
 * The OpenAPI 3.1 document of a surface, as callers get it and as `tbg openapi` prints it: the contract with what the
 * edge adds to every endpoint (the shapes of failures, and headers), and with examples.
 */
export const openApiDocument = (surface: Surface, { title, version }: DocumentOptions): OpenApi.OpenAPISpec => {
  const document = surface === "all" ? OpenApi.fromApi(Api) : OpenApi.fromApi(V1Api)
  const { schemas } = document.components
  const paths = Object.entries(document.paths).map(([path, item]) => {
    const operations = methods.flatMap((method) => {
      const operation = item[method]
      return operation === undefined ? [] : [[method, described(path, operation)] as const]
    })
    return [path, { ...item, ...Object.fromEntries(operations) }] as const
  })
  const ownSchemas = Object.entries(schemas)
    .filter(([name]) => !isFailure(name))
    .map(([name, schema]) => [name, withFields(name, schema)] as const)
  const { Failure: _, ...underV1 } = failureSchemas
  return {
    ...document,
    info: { ...document.info, title, version, description, license: { name: "MIT", identifier: "MIT" } },
    // Whoever has the document asks where it came from.
    servers: [{ url: "/", description: "This service" }],
    paths: Object.fromEntries(paths),
    components: {
      ...document.components,
      schemas: { ...Object.fromEntries(ownSchemas), ...(surface === "all" ? failureSchemas : underV1) }
    }
  }
}
