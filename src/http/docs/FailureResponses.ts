import { Option, Schema } from "effect"
import type { JsonSchema } from "effect"
import type { OpenApi } from "effect/http-api"
import { codes, failures } from "../Errors.ts"
import type { Code } from "../Errors.ts"
import { explanations } from "../Explanations.ts"
import { errorBody } from "../middleware/ErrorBody.ts"
import { codeOf } from "../middleware/Failure.ts"
import { isUnderV1 } from "../middleware/Negotiation.ts"
import type { Rendering } from "../middleware/Negotiation.ts"
import { examples, problemsExample, requestIdExample } from "./Examples.ts"
import { namedIn, reference, referencesOf } from "./References.ts"

type Schemas = JsonSchema.Definitions

const problems = {
  type: "array",
  description: "Everything that was wrong; on 422 only",
  items: {
    type: "object",
    properties: {
      path: { type: "string", description: "Where, as a path into the request: `tags[2]`" },
      message: { type: "string", description: "What was wanted" }
    },
    required: ["path", "message"]
  }
}

const words = "What went wrong, in words that do not change"
const code = { type: "string", enum: codes, description: "Which failure it is, for programs" }

/** The three shapes of a failure (contract section 4). */
export const failureSchemas: Schemas = {
  Failure: {
    type: "object",
    description: "A failure outside of /v1.",
    properties: { detail: { type: "string", description: words }, errors: problems },
    required: ["detail"]
  },
  FailureV1: {
    type: "object",
    description: "A failure under /v1.",
    properties: {
      error: { type: "string", description: words },
      code,
      details: { type: "object", description: "What else there is to tell", properties: { errors: problems } }
    },
    required: ["error", "code", "details"]
  },
  Problem: {
    type: "object",
    description: "A failure as RFC 9457 has it, for whoever likes `application/problem+json` better than JSON.",
    properties: {
      type: { type: "string", format: "uri-reference", description: "The page that explains it, on this service" },
      title: { type: "string", description: "The kind of failure, in the words of its page" },
      status: { type: "integer", description: "That of the response" },
      detail: { type: "string", description: words },
      instance: { type: "string", format: "uri-reference", description: "The path that was asked for" },
      code,
      request_id: { type: "string", description: "As in X-Request-Id; a report of the failure should have it" },
      trace_id: { type: "string", description: "The trace of the request, where requests are traced" },
      errors: problems
    },
    required: ["type", "title", "status", "detail", "instance", "code", "request_id"]
  }
}

const Said = Schema.Struct({
  properties: Schema.Struct({ detail: Schema.Struct({ enum: Schema.Tuple([Schema.String]) }) })
})
const decodeSaid = Schema.decodeUnknownOption(Said)

/** The one detail of a failure's schema; other errors are reports of a shape of their own. */
const detailOf = (schema: unknown): string | undefined =>
  Option.getOrUndefined(Option.map(decodeSaid(schema), ({ properties }) => properties.detail.enum[0]))

/** Whether a schema is one of the failures, each of which the library has a schema of its own for. */
export const isFailure = (schema: unknown): boolean => detailOf(schema) !== undefined

const exampleOf = (rendering: Rendering, code: Code, path: string): unknown => {
  const errors = code === "VALIDATION_ERROR" ? problemsExample : undefined
  const occurrence = { requestId: requestIdExample, path: path.replaceAll(/[{}]/gu, "") }
  return JSON.parse(errorBody(rendering, { code, errors }, occurrence).body)
}

const described = (code: Code): string => `${explanations[code].title}. ${explanations[code].meaning}`

/** A response of 400 and above, in all the shapes that callers get it in. */
export const failureResponse = (
  path: string,
  status: string,
  response: OpenApi.OpenApiSpecResponse,
  schemas: Schemas
): OpenApi.OpenApiSpecResponse => {
  const names = Object.values(response.content ?? {}).flatMap(({ schema }) => referencesOf(schema))
  const reports = names.filter((name) => !isFailure(schemas[name]))
  const known = names
    .filter((name) => isFailure(schemas[name]))
    .map((name) => codeOf(Number(status), detailOf(schemas[name])))
  const [shape, rendering] = isUnderV1(path) ? (["FailureV1", "envelope"] as const) : (["Failure", "detail"] as const)
  const inShape = (kind: Rendering) =>
    known.map((code) => [code, { summary: failures[code].detail, value: exampleOf(kind, code, path) }] as const)
  const ofReports = reports.map((name) => [name, { value: namedIn(examples, name) }] as const)
  const alternatives = [...reports, ...(known.length > 0 ? [shape] : [])].map(reference)
  const [only] = alternatives
  const schema = only !== undefined && alternatives.length === 1 ? only : { anyOf: alternatives }
  const json = { schema, examples: Object.fromEntries([...ofReports, ...inShape(rendering)]) }
  const problem = { schema: reference("Problem"), examples: Object.fromEntries(inShape("problem")) }
  return {
    ...response,
    description: [...reports.map(() => "The report, and what is wrong in it."), ...known.map(described)].join(" Or: "),
    content: { "application/json": json, ...(known.length > 0 ? { "application/problem+json": problem } : {}) }
  }
}
