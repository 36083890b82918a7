import { Predicate, SemVer } from "effect"
import { entriesOf, listOf, memberOf, misfits } from "./Misfits.ts"
import type { Reader } from "./Misfits.ts"

const methods = new Set(["get", "put", "post", "delete", "patch"])

const prefix = "#/components/schemas/"

/** Replaces references by their schemas and merges `allOf`, at every depth. */
const inline = (value: unknown, schemas: unknown): unknown => {
  if (Array.isArray(value)) return value.map((item) => inline(item, schemas))
  if (!Predicate.isObject(value)) return value
  const reference = memberOf(value, "$ref")
  if (Predicate.isString(reference)) return inline(memberOf(schemas, reference.slice(prefix.length)), schemas)
  const { allOf, ...own } = Object.fromEntries(entriesOf(value).map(([key, item]) => [key, inline(item, schemas)]))
  return Object.assign({}, ...listOf(allOf), own)
}

/** Operations of a document by method and path. */
const operationsOf = (document: unknown): ReadonlyMap<string, unknown> => {
  const schemas = memberOf(document, "components", "schemas")
  return new Map(
    entriesOf(memberOf(document, "paths")).flatMap(([path, item]) =>
      entriesOf(item)
        .filter(([method]) => methods.has(method))
        .map(([method, operation]) => [`${method.toUpperCase()} ${path}`, inline(operation, schemas)] as const)
    )
  )
}

/** An operation in both documents. */
interface Compared {
  readonly name: string
  readonly before: unknown
  readonly now: unknown
}

/** Compares a schema in the direction of the data: old requests to the new service, or new responses to old callers. */
const ofSchema = (before: unknown, now: unknown, at: string, reader: Reader) =>
  reader === "service" ? misfits(before, now, at, reader) : misfits(now, before, at, reader)

const ofContent = (before: unknown, now: unknown, at: string, reader: Reader) =>
  entriesOf(before).flatMap(([type, media]) => {
    const current = memberOf(now, type)
    return current === undefined
      ? [`${at}: ${type} removed`]
      : ofSchema(memberOf(media, "schema"), memberOf(current, "schema"), at, reader)
  })

const named = (parameter: unknown) => `${String(memberOf(parameter, "in"))} ${String(memberOf(parameter, "name"))}`

const ofParameters = (compared: Compared): ReadonlyArray<string> => {
  const before = listOf(memberOf(compared.before, "parameters"))
  return listOf(memberOf(compared.now, "parameters")).flatMap((parameter) => {
    const old = before.find((other) => named(other) === named(parameter))
    const at = `${compared.name}: ${named(parameter)}`
    const isRequired = memberOf(parameter, "required") === true && memberOf(old, "required") !== true
    return [
      ...(isRequired ? [`${at}: required now`] : []),
      ...(old === undefined ? [] : ofSchema(memberOf(old, "schema"), memberOf(parameter, "schema"), at, "service"))
    ]
  })
}

const ofBody = (compared: Compared): ReadonlyArray<string> => {
  const before = memberOf(compared.before, "requestBody")
  const now = memberOf(compared.now, "requestBody")
  const at = `${compared.name}: body`
  const isRequired = memberOf(now, "required") === true && memberOf(before, "required") !== true
  return [
    ...(isRequired ? [`${at}: required now`] : []),
    ...ofContent(memberOf(before, "content"), memberOf(now, "content"), at, "service")
  ]
}

const ofResponses = (compared: Compared): ReadonlyArray<string> =>
  entriesOf(memberOf(compared.before, "responses")).flatMap(([status, response]) => {
    const now = memberOf(compared.now, "responses", status)
    const at = `${compared.name}: ${status}`
    // A removed error breaks no caller.
    if (now === undefined) return status < "400" ? [`${at}: response removed`] : []
    const reader = status < "400" ? "caller" : "failed caller"
    const lost = entriesOf(memberOf(response, "headers"))
      .filter(([, header]) => memberOf(header, "required") === true)
      .filter(([name]) => memberOf(now, "headers", name, "required") !== true)
    return [
      ...lost.map(([name]) => `${at}: header ${name}: may be missing now`),
      ...ofContent(memberOf(response, "content"), memberOf(now, "content"), at, reader)
    ]
  })

const ofSecurity = ({ before, name, now }: Compared): ReadonlyArray<string> => {
  const wanted = JSON.stringify(listOf(memberOf(now, "security")))
  return wanted === "[]" || wanted === JSON.stringify(listOf(memberOf(before, "security")))
    ? []
    : [`${name}: different credential`]
}

/**
 * Lists changes in a new OpenAPI document that break callers of an earlier one: removed or retyped endpoints, successful
 * responses and members of responses, and new required input.
 */
export const incompatible = (before: unknown, now: unknown): ReadonlyArray<string> => {
  const current = operationsOf(now)
  return [...operationsOf(before)].flatMap(([name, operation]) => {
    const compared = { name, before: operation, now: current.get(name) }
    if (compared.now === undefined) return [`${name}: removed`]
    return [...ofSecurity(compared), ...ofParameters(compared), ...ofBody(compared), ...ofResponses(compared)]
  })
}

const versionOf = (document: unknown) =>
  SemVer.release(SemVer.parseUnsafe(String(memberOf(document, "info", "version"))))

/** Whether a version may break callers: a higher major version, or a higher minor version while the major is 0. */
export const isBreakingVersion = (before: unknown, now: unknown): boolean => {
  const old = versionOf(before)
  const next = SemVer.isInitialDevelopment(old) ? SemVer.bumpMinor(old) : SemVer.bumpMajor(old)
  return SemVer.isGreaterThanOrEqualTo(versionOf(now), next)
}
