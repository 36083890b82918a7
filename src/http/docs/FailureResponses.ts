import { Record } from "effect"
import type { JsonSchema } from "effect"
import type { OpenApi } from "effect/http-api"
import { codes, failures, publicErrors } from "../Errors.ts"
import type { Code } from "../Errors.ts"
import { explanations } from "./Explanations.ts"
import { errorBody } from "../middleware/ErrorResponse.ts"
import { isUnderV1 } from "../middleware/Negotiation.ts"
import type { Dialect } from "../middleware/Negotiation.ts"
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

/** Code of each public error by schema name. Other errors are reports with their own shape. */
const codesByName = new Map(Record.toEntries(publicErrors).map(([code, { identifier }]) => [identifier, code]))

const codeOf = (name: string): Code | undefined => codesByName.get(name.replace(/Encoded$/u, ""))

/** Whether a schema belongs to a public error, which callers get in one of the shapes of `failureSchemas`. */
export const isFailure = (name: string): boolean => codeOf(name) !== undefined

const exampleOf = (dialect: Dialect, code: Code, path: string): unknown => {
  const errors = code === "VALIDATION_ERROR" ? problemsExample : undefined
  const occurrence = { id: requestIdExample, path: path.replaceAll(/[{}]/gu, "") }
  return errorBody(dialect, { code, ...(errors === undefined ? {} : { errors }) }, occurrence)
}

const described = (code: Code): string => `${explanations[code].title}. ${explanations[code].meaning}`

/** A response of 400 and above, in all the shapes that callers get it in. */
export const failureResponse = (path: string, response: OpenApi.OpenApiSpecResponse): OpenApi.OpenApiSpecResponse => {
  const names = Object.values(response.content ?? {}).flatMap(({ schema }) => referencesOf(schema))
  const reports = names.filter((name) => !isFailure(name))
  const known = names.flatMap((name) => codeOf(name) ?? [])
  const [shape, dialect] = isUnderV1(path) ? (["FailureV1", "envelope"] as const) : (["Failure", "detail"] as const)
  const inShape = (dialect: Dialect) =>
    known.map((code) => [code, { summary: failures[code].detail, value: exampleOf(dialect, code, path) }] as const)
  const ofReports = reports.map((name) => [name, { value: namedIn(examples, name) }] as const)
  const alternatives = [...reports, ...(known.length > 0 ? [shape] : [])].map(reference)
  const [only] = alternatives
  const schema = only !== undefined && alternatives.length === 1 ? only : { anyOf: alternatives }
  const json = { schema, examples: Object.fromEntries([...ofReports, ...inShape(dialect)]) }
  const problem = { schema: reference("Problem"), examples: Object.fromEntries(inShape("problem")) }
  return {
    ...response,
    description: [...reports.map(() => "The report, and what is wrong in it."), ...known.map(described)].join(" Or: "),
    content: { "application/json": json, ...(known.length > 0 ? { "application/problem+json": problem } : {}) }
  }
}
