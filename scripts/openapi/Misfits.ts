import { Predicate } from "effect"

/** Reader of the data: the service, a caller, or a caller that gets an error, in which new values are allowed. */
export type Reader = "service" | "caller" | "failed caller"

export const memberOf = (value: unknown, ...path: ReadonlyArray<string>): unknown =>
  path.reduce((inner, key) => (Predicate.isObject(inner) ? inner[key] : undefined), value)
export const entriesOf = (value: unknown): ReadonlyArray<readonly [string, unknown]> =>
  Predicate.isObject(value) ? Object.entries(value) : []
export const listOf = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

/** Types that a schema allows; empty if it does not restrict them. */
const typesOf = (schema: unknown): ReadonlyArray<unknown> => {
  const type = memberOf(schema, "type")
  return type === undefined ? [] : [type].flat()
}

const isAllowed = (type: unknown, types: ReadonlyArray<unknown>): boolean =>
  types.length === 0 || types.includes(type) || (type === "integer" && types.includes("number"))

const lowest = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"]
const highest = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"]

const isTighter = (keyword: string, given: unknown, taken: unknown): boolean => {
  if (!Predicate.isNumber(taken)) return taken !== undefined && taken !== given
  if (!Predicate.isNumber(given)) return true
  return lowest.includes(keyword) ? taken > given : taken < given
}

const ofValues = (given: unknown, taken: unknown, at: string, reader: Reader): ReadonlyArray<string> => {
  const types = typesOf(taken)
  const givenTypes = typesOf(given)
  const isTyped = givenTypes.length > 0 || types.length === 0
  const accepted = listOf(memberOf(taken, "enum"))
  const values = listOf(memberOf(given, "enum"))
  const areValuesAccepted =
    reader === "failed caller" ||
    accepted.length === 0 ||
    (values.length > 0 && values.every((value) => accepted.includes(value)))
  // Bounds of responses are only informative.
  const keywords = reader === "service" ? [...lowest, ...highest, "pattern", "format"] : []
  return [
    ...(isTyped && givenTypes.every((type) => isAllowed(type, types)) ? [] : [`${at}: different type`]),
    ...(areValuesAccepted ? [] : [`${at}: different values`]),
    ...keywords
      .filter((keyword) => isTighter(keyword, memberOf(given, keyword), memberOf(taken, keyword)))
      .map((keyword) => `${at}: tighter ${keyword}`)
  ]
}

/**
 * Lists reasons why data of schema `given` may not match schema `taken`, both without references. A caller accepts
 * unknown members, but needs every known one. The service needs only required members.
 */
export const misfits = (given: unknown, taken: unknown, at: string, reader: Reader): ReadonlyArray<string> => {
  const variants = listOf(memberOf(given, "anyOf"))
  if (variants.length > 0) return variants.flatMap((variant) => misfits(variant, taken, at, reader))
  const alternatives = listOf(memberOf(taken, "anyOf"))
  if (alternatives.length > 0) {
    const tries = alternatives.map((alternative) => misfits(given, alternative, at, reader))
    const closest = tries.toSorted((one, other) => one.length - other.length)[0] ?? []
    return tries.some((lines) => lines.length === 0) ? [] : closest
  }

  const required = listOf(memberOf(given, "required"))
  const known = Object.fromEntries(entriesOf(memberOf(given, "properties")))
  const wanted = Object.fromEntries(entriesOf(memberOf(taken, "properties")))
  const isMissing = (name: string) =>
    (reader !== "service" && !(name in known)) ||
    (listOf(memberOf(taken, "required")).includes(name) && !required.includes(name))
  const isUnknown = (name: string) =>
    reader === "service" && memberOf(taken, "additionalProperties") === false && !(name in wanted)
  const items = memberOf(taken, "items")
  return [
    ...ofValues(given, taken, at, reader),
    ...Object.keys(wanted)
      .filter(isMissing)
      .map((name) => `${at}.${name}: ${reader !== "service" ? "may be missing now" : "required now"}`),
    ...Object.keys(known)
      .filter(isUnknown)
      .map((name) => `${at}.${name}: rejected`),
    ...Object.entries(wanted).flatMap(([name, schema]) =>
      name in known ? misfits(known[name], schema, `${at}.${name}`, reader) : []
    ),
    ...(items === undefined ? [] : misfits(memberOf(given, "items"), items, `${at}[]`, reader))
  ]
}
