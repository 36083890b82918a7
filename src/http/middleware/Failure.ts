import { Iterable, Predicate, SchemaIssue } from "effect"
import type { Cause } from "effect"
import { HttpServerError } from "effect/http"
import { HttpApiError } from "effect/http-api"
import { isSqlError } from "effect/sql/SqlError"
import { conditionOf } from "../../domain/SqlState.ts"
import { codes, failures, RateLimited } from "../Errors.ts"
import type { Code, Problem } from "../Errors.ts"
import type { Failed } from "./ErrorBody.ts"

const pathOf = (path: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined): string =>
  (path ?? [])
    .map((segment) => (Predicate.isObject(segment) ? segment.key : segment))
    .reduce<string>((text, key) => {
      if (typeof key === "number" || /^\d+$/.test(String(key))) return `${text}[${String(key)}]`
      return text === "" ? String(key) : `${text}.${String(key)}`
    }, "")

const format = SchemaIssue.makeFormatterStandardSchemaV1()

/** Maximum number of problems in a response, so that it is not many times as long as the request. */
const mostProblems = 100

/** Yields leaf issues one by one, so that no more are formatted than returned. */
function* partsOf(issue: SchemaIssue.Issue, path: ReadonlyArray<PropertyKey> = []): Generator<SchemaIssue.Issue> {
  if (issue._tag === "Encoding") yield* partsOf(issue.issue, path)
  else if (issue._tag === "Pointer") yield* partsOf(issue.issue, [...path, ...issue.path])
  else if (issue._tag === "Composite" || (issue._tag === "AnyOf" && issue.issues.length > 0)) {
    for (const part of issue.issues) yield* partsOf(part, path)
  } else yield new SchemaIssue.Pointer(path, issue)
}

const problemsOf = (issue: SchemaIssue.Issue): ReadonlyArray<Problem> =>
  Array.from(Iterable.take(partsOf(issue), mostProblems))
    .flatMap((part) => format(part).issues)
    .map(({ message, path }) => ({ path: pathOf(path), message }))

/** The library's words for a body that is no JSON at all; it gives that no class of its own. */
const isMalformed = (issue: SchemaIssue.Issue): boolean =>
  issue._tag === "InvalidValue" && problemsOf(issue)[0]?.message === "Expected a valid JSON body"

/** A body that is of no kind at all that its endpoint takes: the library tells the name of the schema. */
const isOfOtherKind = (issue: SchemaIssue.Issue): boolean => issue._tag === "AnyOf" && issue.issues.length === 0

const ofSchemaError = ({ cause, kind }: HttpApiError.HttpApiSchemaError): Failed => {
  // A response that does not fit its own schema is our fault.
  if (kind === "Body" || kind === "ResponseHeaders") return { code: "INTERNAL" }
  if (isMalformed(cause.issue)) return { code: "BAD_REQUEST" }
  if (kind === "Payload" && isOfOtherKind(cause.issue)) {
    return { code: "VALIDATION_ERROR", errors: [{ path: "", message: "Expected an object" }] }
  }
  return { code: "VALIDATION_ERROR", errors: problemsOf(cause.issue) }
}

const ofServerError = ({ reason }: HttpServerError.HttpServerError, allow: () => string): Failed => {
  switch (reason._tag) {
    case "RouteNotFound": {
      const methods = allow()
      return methods === "" ? { code: "NOT_FOUND" } : { code: "METHOD_NOT_ALLOWED", allow: methods }
    }
    case "RequestParseError":
      return { code: reason.reason === "BodyTooLarge" ? "PAYLOAD_TOO_LARGE" : "BAD_REQUEST" }
    case "InternalError":
    case "ResponseError":
      return { code: "INTERNAL" }
  }
}

const failureOfError = (error: unknown, allow: () => string): Failed => {
  if (HttpServerError.isHttpServerError(error)) return ofServerError(error, allow)
  if (HttpApiError.HttpApiSchemaError.is(error)) return ofSchemaError(error)
  if (HttpApiError.HttpApiPayloadTooLarge.is(error)) return { code: "PAYLOAD_TOO_LARGE" }
  if (error instanceof RateLimited) return { code: "RATE_LIMITED" }
  if (isSqlError(error) && conditionOf(error.reason) !== undefined) return { code: "SERVICE_UNAVAILABLE" }
  return { code: "INTERNAL" }
}

/**
 * The public failure of whatever ended a request without a response: typed failures that no endpoint declares, the
 * router's and the body's, schema errors, and defects. `undefined` for an interruption alone.
 *
 * `allow` gives the methods that the path knows; it is asked only when no route was found.
 */
export const failureOf = (cause: Cause.Cause<unknown>, allow: () => string): Failed | undefined => {
  for (const reason of cause.reasons) {
    if (reason._tag === "Fail") return failureOfError(reason.error, allow)
    if (reason._tag === "Die") return failureOfError(reason.defect, allow)
  }
  return undefined
}

/** The code of a response that an endpoint made by itself: its status and its detail tell which. */
export const codeOf = (status: number, detail: string | undefined): Code => {
  const candidates = codesByStatus.get(status) ?? []
  return candidates.find((code) => failures[code].detail === detail) ?? candidates[0] ?? "INTERNAL"
}

/** Whether the taxonomy has a failure of this status. */
export const isKnown = (status: number): boolean => codesByStatus.has(status)

const codesByStatus = new Map<number, ReadonlyArray<Code>>(
  codes.map((code) => [
    failures[code].status,
    codes.filter((other) => failures[other].status === failures[code].status)
  ])
)
