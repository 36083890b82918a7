import { Cause, Iterable, Predicate, SchemaIssue } from "effect"
import type { SchemaAST } from "effect"
import { HttpServerError } from "effect/http"
import { ClientAbort, isHttpServerError } from "effect/http/HttpServerError"
import { HttpApiError } from "effect/http-api"
import { isSqlError } from "effect/sql/SqlError"
import { nearestTo } from "../../domain/Nearest.ts"
import { conditionOf } from "../../domain/SqlState.ts"
import {
  BadRequest,
  Internal,
  Invalid,
  isPublicError,
  NotFound,
  PayloadTooLarge,
  ServiceUnavailable
} from "../Errors.ts"
import type { Problem, PublicError } from "../Errors.ts"

const pathOf = (path: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined): string =>
  (path ?? [])
    .map((segment) => (Predicate.isObject(segment) ? segment.key : segment))
    .reduce<string>((text, key) => {
      if (/^\d+$/.test(String(key))) return `${text}[${String(key)}]`
      return text === "" ? String(key) : `${text}.${String(key)}`
    }, "")

/** Message for a field or query parameter that is not among the known names. */
export const unknownName = (kind: "field" | "parameter", name: string, known: ReadonlyArray<string>): string => {
  const nearest = nearestTo(name, known)
  return `Unknown ${kind}${nearest === undefined ? "" : `; did you mean \`${nearest}\`?`}`
}

const keysOf = (ast: SchemaAST.AST): ReadonlyArray<string> =>
  ast._tag === "Objects" ? ast.propertySignatures.map(({ name }) => String(name)) : []

const format = SchemaIssue.makeFormatterStandardSchemaV1()

/** Maximum number of problems in a response, which could otherwise be far longer than its request. */
export const maxProblems = 100

interface Leaf {
  readonly issue: SchemaIssue.Issue
  readonly path: ReadonlyArray<PropertyKey>
}

/** Yields leaf issues lazily, so that only the reported ones are formatted. */
function* leavesOf(issue: SchemaIssue.Issue, path: ReadonlyArray<PropertyKey> = []): Generator<Leaf> {
  if (issue._tag === "Encoding") yield* leavesOf(issue.issue, path)
  else if (issue._tag === "Pointer") yield* leavesOf(issue.issue, [...path, ...issue.path])
  else if (issue._tag === "Composite" || (issue._tag === "AnyOf" && issue.issues.length > 0)) {
    for (const part of issue.issues) yield* leavesOf(part, path)
  } else yield { issue, path }
}

const problemsOf = (issue: SchemaIssue.Issue, kind: "field" | "parameter"): ReadonlyArray<Problem> =>
  Array.from(Iterable.take(leavesOf(issue), maxProblems)).flatMap(({ issue, path }): ReadonlyArray<Problem> => {
    if (issue._tag === "MissingKey") return [{ path: pathOf(path), message: "Required" }]
    if (issue._tag === "UnexpectedKey") {
      return [{ path: pathOf(path), message: unknownName(kind, String(path.at(-1)), keysOf(issue.ast)) }]
    }
    const { issues } = format(new SchemaIssue.Pointer(path, issue))
    return issues.map(({ message, path }) => ({ path: pathOf(path), message }))
  })

/** Whether a body has the wrong JSON type. The library's message would show the name of the schema. */
const hasWrongType = (issue: SchemaIssue.Issue): boolean => issue._tag === "AnyOf" && issue.issues.length === 0

const fromSchemaError = ({ cause, kind }: HttpApiError.HttpApiSchemaError): PublicError => {
  // A response that does not match its own schema is a server error.
  if (kind === "Body" || kind === "ResponseHeaders") return new Internal()
  if (hasWrongType(cause.issue)) {
    return new Invalid({ errors: [{ path: "", message: "Expected an object" }] })
  }
  return new Invalid({ errors: problemsOf(cause.issue, kind === "Query" ? "parameter" : "field") })
}

const fromServerError = ({ reason }: HttpServerError.HttpServerError): PublicError => {
  if (reason._tag === "RouteNotFound") return new NotFound()
  if (reason._tag !== "RequestParseError") return new Internal()
  return reason.reason === "BodyTooLarge" ? new PayloadTooLarge() : new BadRequest()
}

const fromError = (error: unknown): PublicError => {
  if (isPublicError(error)) return error
  if (HttpServerError.isHttpServerError(error)) return fromServerError(error)
  if (HttpApiError.HttpApiSchemaError.is(error)) return fromSchemaError(error)
  if (isSqlError(error) && conditionOf(error.reason) !== undefined) return new ServiceUnavailable()
  return new Internal()
}

/**
 * Maps a cause to a public error. Unknown failures and defects become `Internal`. A cause with interruptions only means
 * a deadline or a shutdown.
 */
export const errorOfCause = (cause: Cause.Cause<unknown>): PublicError => {
  for (const reason of cause.reasons) {
    if (reason._tag === "Fail") return fromError(reason.error)
    if (reason._tag === "Die") return fromError(reason.defect)
  }
  return new ServiceUnavailable()
}

/** Whether the client disconnected. */
export const isClientAbort = (cause: Cause.Cause<unknown>): boolean =>
  Cause.hasInterruptsOnly(cause) && cause.reasons.some(({ annotations }) => annotations.has(ClientAbort.key))

/** Whether no route matched. */
export const isRouteNotFound = (error: unknown): boolean =>
  isHttpServerError(error) && error.reason._tag === "RouteNotFound"
