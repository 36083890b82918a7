import { entriesOf, listOf, memberOf, misfits } from "./Misfits.ts"
import type { Reader } from "./Misfits.ts"

const methods = ["get", "put", "post", "delete", "patch"]

interface Compared {
  readonly name: string
  readonly before: unknown
  readonly now: unknown
  readonly schemasBefore: unknown
  readonly schemasNow: unknown
}

/** Compares a schema in the direction of the data: old requests to the new service, or new responses to old callers. */
const ofSchema = (compared: Compared, before: unknown, now: unknown, at: string, reader: Reader) => {
  const old = { schema: before, schemas: compared.schemasBefore }
  const current = { schema: now, schemas: compared.schemasNow }
  return reader === "service" ? misfits(old, current, at, reader) : misfits(current, old, at, reader)
}

const ofContent = (compared: Compared, before: unknown, now: unknown, at: string, reader: Reader) =>
  entriesOf(before).flatMap(([type, media]) => {
    const current = memberOf(now, type)
    return current === undefined
      ? [`${at}: ${type} removed`]
      : ofSchema(compared, memberOf(media, "schema"), memberOf(current, "schema"), at, reader)
  })

const named = (parameter: unknown) => `${String(memberOf(parameter, "in"))} ${String(memberOf(parameter, "name"))}`

const ofParameters = (compared: Compared): ReadonlyArray<string> => {
  const before = listOf(memberOf(compared.before, "parameters"))
  return listOf(memberOf(compared.now, "parameters")).flatMap((parameter) => {
    const old = before.find((other) => named(other) === named(parameter))
    const at = `${compared.name}: ${named(parameter)}`
    const isRequired = memberOf(parameter, "required") === true && memberOf(old, "required") !== true
    const schemas = [memberOf(old, "schema"), memberOf(parameter, "schema")]
    return [
      ...(isRequired ? [`${at}: required now`] : []),
      ...(old === undefined ? [] : ofSchema(compared, schemas[0], schemas[1], at, "service"))
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
    ...ofContent(compared, memberOf(before, "content"), memberOf(now, "content"), at, "service")
  ]
}

const ofResponses = (compared: Compared): ReadonlyArray<string> =>
  entriesOf(memberOf(compared.before, "responses")).flatMap(([status, response]) => {
    const now = memberOf(memberOf(compared.now, "responses"), status)
    const at = `${compared.name}: ${status}`
    // A removed error breaks no caller.
    if (now === undefined) return status < "400" ? [`${at}: response removed`] : []
    const reader = status < "400" ? "caller" : "failed caller"
    const lost = entriesOf(memberOf(response, "headers"))
      .filter(([, header]) => memberOf(header, "required") === true)
      .filter(([name]) => memberOf(memberOf(memberOf(now, "headers"), name), "required") !== true)
    return [
      ...lost.map(([name]) => `${at}: header ${name}: may be missing now`),
      ...ofContent(compared, memberOf(response, "content"), memberOf(now, "content"), at, reader)
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
export const incompatible = (before: unknown, now: unknown): ReadonlyArray<string> =>
  entriesOf(memberOf(before, "paths")).flatMap(([path, item]) =>
    methods
      .filter((method) => memberOf(item, method) !== undefined)
      .flatMap((method) => {
        const compared = {
          name: `${method.toUpperCase()} ${path}`,
          before: memberOf(item, method),
          now: memberOf(memberOf(memberOf(now, "paths"), path), method),
          schemasBefore: memberOf(memberOf(before, "components"), "schemas"),
          schemasNow: memberOf(memberOf(now, "components"), "schemas")
        }
        if (compared.now === undefined) return [`${compared.name}: removed`]
        return [...ofSecurity(compared), ...ofParameters(compared), ...ofBody(compared), ...ofResponses(compared)]
      })
  )

const numbersOf = (document: unknown): ReadonlyArray<number> =>
  String(memberOf(memberOf(document, "info"), "version"))
    .split(".")
    .map(Number)

/** Whether a version may break callers: a higher major version, or a higher minor version while the major is 0. */
export const isBreakingVersion = (before: unknown, now: unknown): boolean => {
  const [major = 0, minor = 0] = numbersOf(before)
  const [majorNow = 0, minorNow = 0] = numbersOf(now)
  return majorNow > major || (major === 0 && majorNow === 0 && minorNow > minor)
}
