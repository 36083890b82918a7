import { default as fc } from "fast-check"
import { near } from "../support/GeneratedBody.ts"

/** Edge cases for any required value. */
const other = near.map((value) => (value === undefined ? null : value))

/** The part of JSON Schema that the contract uses. */
interface JsonSchema {
  readonly $ref?: string
  readonly anyOf?: ReadonlyArray<JsonSchema>
  readonly allOf?: ReadonlyArray<JsonSchema>
  readonly enum?: ReadonlyArray<unknown>
  readonly type?: string
  readonly format?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly maxItems?: number
  readonly items?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: ReadonlyArray<string>
}

/** Looks up `#/components/schemas/…`. */
type Resolve = (reference: string) => JsonSchema

const strings = (schema: JsonSchema): fc.Arbitrary<unknown> => {
  if (schema.format === "uuid") return fc.uuid()
  const { maxLength = 60, minLength = 0 } = Object.assign({ ...schema }, ...(schema.allOf ?? []))
  const lengths = [minLength - 1, minLength, minLength + 1, maxLength - 1, maxLength, maxLength + 1]
  const bounds = fc.constantFrom(...lengths.filter((length) => length >= 0)).map((length) => "é".repeat(length))
  // The generator does not support Unicode classes.
  const isSimple = schema.pattern !== undefined && !schema.pattern.includes("\\p")
  return isSimple ? fc.oneof(fc.stringMatching(new RegExp(schema.pattern ?? "", "u")), bounds) : bounds
}

const numbers = ({ maximum = 1e6, minimum = -1e6 }: JsonSchema): fc.Arbitrary<unknown> =>
  fc.oneof(fc.constantFrom(minimum - 1, minimum, maximum, maximum + 1), fc.integer())

/** Generates valid values, values just past the bounds, and occasionally unrelated ones. */
export const fromSchema = (schema: JsonSchema, resolve: Resolve): fc.Arbitrary<unknown> => {
  const fitting = (): fc.Arbitrary<unknown> => {
    if (schema.$ref !== undefined) return fromSchema(resolve(schema.$ref), resolve)
    if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((one) => fromSchema(one, resolve)))
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
    switch (schema.type) {
      case "string":
        return strings(schema)
      case "integer":
      case "number":
        return numbers(schema)
      case "boolean":
        return fc.boolean()
      case "array":
        return fc.array(fromSchema(schema.items ?? {}, resolve), { maxLength: (schema.maxItems ?? 10) + 1 })
      case "object":
        return objects(schema, resolve)
      case undefined:
      default:
        return fc.constant(null)
    }
  }
  return fc.oneof({ weight: 12, arbitrary: fitting() }, { weight: 1, arbitrary: other })
}

const objects = ({ properties = {}, required = [] }: JsonSchema, resolve: Resolve): fc.Arbitrary<unknown> => {
  const fields = Object.entries(properties).map(([name, schema]): readonly [string, fc.Arbitrary<unknown>] => [
    name,
    fromSchema(schema, resolve)
  ])
  const requiredKeys = [...required]
  return fc.oneof(
    { weight: 12, arbitrary: fc.record(Object.fromEntries(fields), { requiredKeys }) },
    { weight: 1, arbitrary: fc.record({ ...Object.fromEntries(fields), more: near }, { requiredKeys: [] }) }
  )
}
