import { Option, Schema } from "effect"
import type { JsonSchema } from "effect"

const prefix = "#/components/schemas/"

export const reference = (name: string): JsonSchema.JsonSchema => ({ $ref: `${prefix}${name}` })

const Reference = Schema.Struct({ $ref: Schema.String })
const decodeReferences = Schema.decodeUnknownOption(
  Schema.Union([Reference, Schema.Struct({ anyOf: Schema.Array(Reference) })])
)

/** The names of the schemas that a schema is one of. */
export const referencesOf = (schema: unknown): ReadonlyArray<string> =>
  Option.match(decodeReferences(schema), {
    onNone: () => [],
    onSome: (found) => ("anyOf" in found ? found.anyOf : [found]).map(({ $ref }) => $ref.slice(prefix.length))
  })

/** What a table has for a schema by its name; what is sent of a class has a name of its own. */
export const namedIn = <A>(table: Readonly<Record<string, A>>, name: string): A | undefined =>
  table[name.replace(/Encoded$/u, "")]
