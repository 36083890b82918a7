import { Record } from "effect"
import { HttpApi, OpenApi } from "effect/http-api"
import type { HttpApiGroup } from "effect/http-api"
import { examples } from "../../domain/live/Examples.ts"
import { Api, V1Api } from "../api/Api.ts"
import { ApiError, ApiErrorV1 } from "../middleware/ErrorResponse.ts"
import { commonHeaders } from "./CommonHeaders.ts"
import { errorContent, isPublicSchema } from "./ErrorResponses.ts"

/** Introduction for new callers, as Markdown. `errorsUrl` is relative to the docs page. */
const descriptionWith = (errorsUrl: string): string => `Under \`/v1/teams\`, send an API key of the team as \
\`Authorization: Bearer …\`; under \`/api/v1/me\`, send a user's token. Other endpoints need no credential. \
\`GET /v1/limits\` shows how many requests you have left. Errors are JSON: \`{"error", "code", "details"}\` under /v1, \
\`{"detail"}\` elsewhere, and RFC 9457 problem documents if \`Accept\` prefers \`application/problem+json\`. Any request \
can get 404, 405, 408, 417 and 431. [All errors](${errorsUrl}).
`

export type Surface = "all" | "v1"

export interface DocumentOptions {
  readonly title: string
  readonly version: string
}

type Operation = OpenApi.OpenAPISpecOperation

const methods = ["get", "post", "put", "patch", "delete"] as const

/** Statuses of rejected bodies. */
const bodyStatuses = new Set(["413", "415"])

const options: OpenApi.FromApiOptions = {
  referencePolicy: ({ identifier }) =>
    identifier === undefined || isPublicSchema(identifier.replace(/Encoded$/, "")) ? undefined : identifier
}

/** Moves the description and example of a parameter or header out of its schema, because tools show them there. */
const hoistDescription = <P extends { readonly schema: object }>(part: P): P => {
  const { description, examples, ...schema }: Readonly<Record<string, unknown>> = { ...part.schema }
  return {
    ...part,
    schema,
    ...(description === undefined ? {} : { description }),
    ...(Array.isArray(examples) ? { example: examples[0] } : {})
  }
}

/**
 * Adds an example of each event to the content of a stream. Removes the library's description of events for its own
 * failures, because they are never sent.
 */
const withEventExamples = (content: OpenApi.OpenApiSpecContent): OpenApi.OpenApiSpecContent => {
  const mediaType = "text/event-stream"
  const stream = content[mediaType]
  if (stream === undefined) return content
  const id = "Mhh2QpT1l0mHq6yZrW8xSLR7Im4iOjQyLCJzIjowfQ"
  const media = {
    schema: stream.schema,
    examples: Record.map(examples, (data, event) => ({ value: { id, event, data: JSON.stringify(data) } }))
  }
  return { [mediaType]: media }
}

/** Adds the error shapes and headers that the edge adds to every endpoint. */
const completeOperation = (
  operation: Operation,
  contents: ReadonlyMap<string, OpenApi.OpenApiSpecContent>
): Operation => {
  const { parameters, requestBody, responses } = operation
  const isLimited = "429" in responses
  // Every endpoint declares the errors of `Payload`, and only endpoints with a body return them.
  const possible = Object.entries(responses).filter(
    ([status]) => requestBody !== undefined || !bodyStatuses.has(status)
  )
  return {
    ...operation,
    parameters: parameters.map(hoistDescription),
    responses: Object.fromEntries(
      possible.map(([status, response]) => {
        const ownHeaders = Object.entries(response.headers ?? {}).map(
          ([name, header]) => [name, hoistDescription(header)] as const
        )
        const content = contents.get(status) ?? (response.content && withEventExamples(response.content))
        const headers = { ...commonHeaders(status, isLimited), ...Object.fromEntries(ownHeaders) }
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
      item[method] = completeOperation(operation, new Map(contents))
    }
  })
  return document
}

/** OpenAPI 3.1 document, as served and as `tbg openapi` prints it. */
export const openApiDocument = (surface: Surface, { title, version }: DocumentOptions): OpenApi.OpenAPISpec => {
  // Relative to the document, so that it works behind a path prefix.
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
