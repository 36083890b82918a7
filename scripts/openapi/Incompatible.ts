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

/** Why the one side of a change no longer fits: callers give as before and the service takes as now, or the reverse. */
const ofSchema = (compared: Compared, before: unknown, now: unknown, at: string, reader: Reader) => {
  const old = { schema: before, schemas: compared.schemasBefore }
  const current = { schema: now, schemas: compared.schemasNow }
  return reader === "service" ? misfits(old, current, at, reader) : misfits(current, old, at, reader)
}

const ofContent = (compared: Compared, before: unknown, now: unknown, at: string, reader: Reader) =>
  entriesOf(before).flatMap(([type, media]) => {
    const current = memberOf(now, type)
    return current === undefined
      ? [`${at}: no longer as ${type}`]
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
      ...(isRequired ? [`${at}: is required`] : []),
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
    ...(isRequired ? [`${at}: is required`] : []),
    ...ofContent(compared, memberOf(before, "content"), memberOf(now, "content"), at, "service")
  ]
}

const ofResponses = (compared: Compared): ReadonlyArray<string> =>
  entriesOf(memberOf(compared.before, "responses")).flatMap(([status, response]) => {
    const now = memberOf(memberOf(compared.now, "responses"), status)
    const at = `${compared.name}: ${status}`
    // A failure that cannot happen any more surprises nobody.
    if (now === undefined) return status < "400" ? [`${at}: no longer answered`] : []
    const reader = status < "400" ? "caller" : "failed caller"
    const lost = entriesOf(memberOf(response, "headers"))
      .filter(([, header]) => memberOf(header, "required") === true)
      .filter(([name]) => memberOf(memberOf(memberOf(now, "headers"), name), "required") !== true)
    return [
      ...lost.map(([name]) => `${at}: header ${name}: may be missing`),
      ...ofContent(compared, memberOf(response, "content"), memberOf(now, "content"), at, reader)
    ]
  })

const ofSecurity = ({ before, name, now }: Compared): ReadonlyArray<string> => {
  const wanted = JSON.stringify(listOf(memberOf(now, "security")))
  return wanted === "[]" || wanted === JSON.stringify(listOf(memberOf(before, "security")))
    ? []
    : [`${name}: another credential`]
}

/**
 * What in a later OpenAPI document breaks the callers of an earlier one, one line each: an endpoint, a success or a
 * member of an answer that is gone or of another type, and whatever has to be sent now and had not to be.
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
        if (compared.now === undefined) return [`${compared.name}: is gone`]
        return [...ofSecurity(compared), ...ofParameters(compared), ...ofBody(compared), ...ofResponses(compared)]
      })
  )

const numbersOf = (document: unknown): ReadonlyArray<number> =>
  String(memberOf(memberOf(document, "info"), "version"))
    .split(".")
    .map(Number)

/** Whether the version of a later document says that it breaks callers: a higher major, or minor while that is 0. */
export const isBreakingVersion = (before: unknown, now: unknown): boolean => {
  const [major = 0, minor = 0] = numbersOf(before)
  const [majorNow = 0, minorNow = 0] = numbersOf(now)
  return majorNow > major || (major === 0 && majorNow === 0 && minorNow > minor)
}
