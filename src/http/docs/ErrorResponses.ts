import { Record, SchemaAST } from "effect"
import type { JsonSchema, Schema } from "effect"
import type { OpenApi } from "effect/http-api"
import { titleOf } from "../ErrorCodes.ts"
import type { Code } from "../ErrorCodes.ts"
import { publicErrors } from "../Errors.ts"
import type { PublicError } from "../Errors.ts"
import { ApiError, ApiErrorV1, errorBody } from "../middleware/ErrorResponse.ts"
import { isUnderV1 } from "../middleware/Negotiation.ts"

/** Codes of public errors by schema name. Other errors, such as `NotReady`, are reports with their own shape. */
const codesByName = new Map(Record.toEntries(publicErrors).map(([code, { identifier }]) => [identifier, code]))

const nameOf = ({ ast }: Schema.Top): string => SchemaAST.resolveIdentifier(ast) ?? ""

/** Whether a schema belongs to a public error, whose body `ErrorResponse.ts` makes. */
export const isPublicSchema = (name: string): boolean => codesByName.has(name)

const reference = (name: string | undefined): JsonSchema.JsonSchema => ({ $ref: `#/components/schemas/${name}` })

const occurrence = { id: "3f0c8a1e-4b77-4d52-9b3a-6c1e01980f2a", path: "" }
const errors = [{ path: "content", message: "Required" }]

const exampleOf = (code: Code): PublicError =>
  code === "VALIDATION_ERROR" ? { code, errors, param: "content", hint: "Required" } : { code }

/** Content of an error response: the error shape of the path, and any reports. */
export const errorContent = (path: string, schemas: ReadonlyArray<Schema.Top>): OpenApi.OpenApiSpecContent => {
  const [schema, dialect] = isUnderV1(path) ? ([ApiErrorV1, "envelope"] as const) : ([ApiError, "detail"] as const)
  const names = schemas.map(nameOf)
  const known = names.flatMap((name) => codesByName.get(name) ?? [])
  const reports = names.filter((name) => !isPublicSchema(name))
  const references = [...reports, ...(known.length > 0 ? [nameOf(schema)] : [])].map(reference)
  const [only = {}] = references
  const examples = known.map(
    (code) => [code, { summary: titleOf(code), value: errorBody(dialect, exampleOf(code), occurrence) }] as const
  )
  const media = {
    schema: references.length === 1 ? only : { anyOf: references },
    ...(reports.length > 0 ? {} : { examples: Object.fromEntries(examples) })
  }
  return { "application/json": media }
}
