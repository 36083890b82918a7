import { HttpApi, OpenApi } from "effect/http-api"
import type { HttpApiGroup } from "effect/http-api"
import { Api, V1Api } from "../api/Api.ts"
import { ApiError, ApiErrorV1 } from "../middleware/ErrorResponse.ts"
import { commonHeaders } from "./CommonHeaders.ts"
import { descriptionWith } from "./Description.ts"
import { errorContent, isPublicSchema } from "./ErrorResponses.ts"

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

const options: OpenApi.FromApiOptions = {
  referencePolicy: ({ identifier }) =>
    identifier === undefined || isPublicSchema(identifier.replace(/Encoded$/, "")) ? undefined : identifier
}

/** Moves the description and the example of a parameter or header from its schema to itself, where readers look. */
const hoisted = <P extends { readonly schema: object }>(part: P): P => {
  const { description, examples, ...schema }: Readonly<Record<string, unknown>> = { ...part.schema }
  return {
    ...part,
    schema,
    ...(description === undefined ? {} : { description }),
    ...(Array.isArray(examples) ? { example: examples[0] } : {})
  }
}

/** Adds what the edge adds to every endpoint: error shapes and headers. */
const completed = (operation: Operation, contents: ReadonlyMap<string, OpenApi.OpenApiSpecContent>): Operation => {
  const { parameters, requestBody, responses } = operation
  const isLimited = "429" in responses
  // `Payload` is on every endpoint and acts on those with a body.
  const possible = Object.entries(responses).filter(([status]) => requestBody !== undefined || !ofBodies.has(status))
  return {
    ...operation,
    parameters: parameters.map(hoisted),
    responses: Object.fromEntries(
      possible.map(([status, response]) => {
        const own = Object.entries(response.headers ?? {}).map(([name, header]) => [name, hoisted(header)] as const)
        const content = contents.get(status)
        const headers = { ...commonHeaders(status, isLimited), ...Object.fromEntries(own) }
        return [status, { ...response, ...(content === undefined ? {} : { content }), headers }]
      })
    )
  }
}

const documentOf = <Id extends string, Groups extends HttpApiGroup.Constraint>(
  api: HttpApi.HttpApi<Id, Groups>
): OpenApi.OpenAPISpec => {
  const document = OpenApi.fromApi(api, options)
  HttpApi.reflect(api, {
    onGroup: () => {},
    onEndpoint: ({ endpoint, errors }) => {
      const path = endpoint.path.replaceAll(/:(\w+)/g, "{$1}")
      const item = document.paths[path]
      const method = methods.find((method) => method === endpoint.method.toLowerCase())
      const operation = method === undefined ? undefined : item?.[method]
      if (item === undefined || method === undefined || operation === undefined) return
      const contents = [...errors].map(([status, schemas]) => [String(status), errorContent(path, schemas)] as const)
      item[method] = completed(operation, new Map(contents))
    }
  })
  return document
}

/** The OpenAPI 3.1 document of a surface, as callers get it and as `tbg openapi` prints it. */
export const openApiDocument = (surface: Surface, { title, version }: DocumentOptions): OpenApi.OpenAPISpec => {
  // Relative to the document, so that it is right behind a path prefix.
  const root = surface === "all" ? "." : ".."
  const annotations = OpenApi.annotations({
    title,
    version,
    description: descriptionWith(`${root}/errors`),
    license: { name: "MIT", identifier: "MIT" },
    servers: [{ url: root, description: "This service" }]
  })
  return surface === "all"
    ? documentOf(Api.annotateMerge(annotations).annotate(HttpApi.AdditionalSchemas, [ApiError, ApiErrorV1]))
    : documentOf(V1Api.annotateMerge(annotations).annotate(HttpApi.AdditionalSchemas, [ApiErrorV1]))
}
