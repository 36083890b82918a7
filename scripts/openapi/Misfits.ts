import { Predicate } from "effect"

/** Schema of a document, and the targets of its references. */
export interface Shape {
  readonly schema: unknown
  readonly schemas: unknown
}

/** Reader of the data: the service, a caller, or a caller that gets an error, in which new values are allowed. */
export type Reader = "service" | "caller" | "failed caller"

const prefix = "#/components/schemas/"

export const memberOf = (value: unknown, key: string): unknown => (Predicate.isObject(value) ? value[key] : undefined)
export const entriesOf = (value: unknown): ReadonlyArray<readonly [string, unknown]> =>
  Predicate.isObject(value) ? Object.entries(value) : []
export const listOf = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

/** Resolves references and merges `allOf`. */
const resolved = ({ schema, schemas }: Shape): Readonly<Record<string, unknown>> => {
  const reference = memberOf(schema, "$ref")
  if (Predicate.isString(reference)) {
    return resolved({ schema: memberOf(schemas, reference.slice(prefix.length)), schemas })
  }
  const parts = listOf(memberOf(schema, "allOf")).map((part) => resolved({ schema: part, schemas }))
  return Object.assign({}, ...parts, Object.fromEntries(entriesOf(schema)))
}

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
 * Lists reasons why data of schema `given` may not match schema `taken`. A caller accepts unknown members, but needs
 * every known one. The service needs only required members.
 */
export const misfits = (given: Shape, taken: Shape, at: string, reader: Reader): ReadonlyArray<string> => {
  const from = resolved(given)
  const to = resolved(taken)
  const within = (schema: unknown, other: unknown, place: string) =>
    misfits({ ...given, schema }, { ...taken, schema: other }, place, reader)

  const variants = listOf(from["anyOf"])
  if (variants.length > 0) return variants.flatMap((variant) => within(variant, to, at))
  const alternatives = listOf(to["anyOf"])
  if (alternatives.length > 0) {
    const tries = alternatives.map((alternative) => within(from, alternative, at))
    const closest = tries.toSorted((one, other) => one.length - other.length)[0] ?? []
    return tries.some((lines) => lines.length === 0) ? [] : closest
  }

  const required = listOf(from["required"])
  const known = Object.fromEntries(entriesOf(from["properties"]))
  const wanted = Object.fromEntries(entriesOf(to["properties"]))
  const isMissing = (name: string) =>
    (reader !== "service" && !(name in known)) || (listOf(to["required"]).includes(name) && !required.includes(name))
  const isUnknown = (name: string) => reader === "service" && to["additionalProperties"] === false && !(name in wanted)
  return [
    ...ofValues(from, to, at, reader),
    ...Object.keys(wanted)
      .filter(isMissing)
      .map((name) => `${at}.${name}: ${reader !== "service" ? "may be missing now" : "required now"}`),
    ...Object.keys(known)
      .filter(isUnknown)
      .map((name) => `${at}.${name}: rejected`),
    ...Object.entries(wanted).flatMap(([name, schema]) =>
      name in known ? within(known[name], schema, `${at}.${name}`) : []
    ),
    ...("items" in to ? within(from["items"], to["items"], `${at}[]`) : [])
  ]
}
