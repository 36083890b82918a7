import { Schema, SchemaAST, SchemaRepresentation } from "effect"
import { HttpApi, HttpApiSchema } from "effect/http-api"
import type { HttpApiEndpoint } from "effect/http-api"
import { isStream } from "../../clients/typescript/src/Endpoint.ts"
import { codes } from "../../src/http/ErrorCodes.ts"
import { ByeEvent, LiveEvent, ResetEvent } from "../../src/domain/live/LiveEvent.ts"
import { ServiceApi } from "../../src/http/api/Api.ts"

/** Removes checks, which do not change a type and cannot all be printed as code. */
const withoutChecks = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutChecks)
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]: [string, unknown]) => [key, key === "checks" ? [] : withoutChecks(item)])
  )
}

function codeOf(document: SchemaRepresentation.MultiDocument): SchemaRepresentation.CodeDocument
function codeOf(document: unknown) {
  return SchemaRepresentation.toCodeDocument(Object(withoutChecks(document)))
}

const named = new Map<string, string>()

type Side = (schema: Schema.Top) => Schema.Top
const plain = (type: string) => type.replaceAll("Schema.Json", "unknown")

/** TypeScript of one side of a schema; types with an identifier are collected in `named`. */
const typeOf = (schema: Schema.Top, side: Side): string => {
  if (HttpApiSchema.isWithHeaders(schema)) {
    return `{ readonly body: ${typeOf(schema.schema, side)}, readonly headers: ${typeOf(schema.headers, side)} }`
  }
  const representation = SchemaRepresentation.toRepresentation(side(schema).ast)
  const { codes, references } = codeOf(SchemaRepresentation.toMultiDocument(representation))
  for (const { $ref, code } of references.nonRecursives) named.set($ref, plain(code.Type))
  return codes.map(({ Type }) => plain(Type)).join(" | ")
}

/** Fills in the types of properties that are decoded by hand, because their encoded type is `any`. */
const withKnown = (schema: Schema.Top, type: string): string => {
  const { ast } = Schema.toType(schema)
  if (!SchemaAST.isObjects(ast)) return type
  return type.replaceAll(/"(\w+)"(\??): any/gu, (whole, name: string, optional: string) => {
    const property = ast.propertySignatures.find((property) => property.name === name)
    return property === undefined ? whole : `"${name}"${optional}: ${typeOf(Schema.make(property.type), Schema.toType)}`
  })
}

const typeOfPayload = (schema: Schema.Top): string => {
  const type = typeOf(schema, Schema.toEncoded)
  const definition = named.get(type)
  if (definition === undefined) return withKnown(schema, type)
  named.set(type, withKnown(schema, definition))
  return type
}

const payloadOf = (endpoint: HttpApiEndpoint.Top) =>
  [...endpoint.payload.values()].flatMap((body) => ("schemas" in body ? body.schemas : []))[0]

const requestOf = (endpoint: HttpApiEndpoint.Top): string => {
  const { headers, params, query } = endpoint
  const payload = payloadOf(endpoint)
  const parts = [
    ...(params === undefined ? [] : [`readonly params: ${typeOf(params, Schema.toEncoded)}`]),
    ...(query === undefined ? [] : [`readonly query?: Partial<${typeOf(query, Schema.toType)}>`]),
    ...(headers === undefined ? [] : [`readonly headers?: ${typeOf(headers, Schema.toType)}`]),
    ...(payload === undefined ? [] : [`readonly payload: ${typeOfPayload(payload)}`])
  ]
  const isOptional = params === undefined && payload === undefined
  return `request${isOptional ? "?" : ""}: { ${parts.join(", ")} }, options?: CallOptions`
}

const groups = new Map<string, Array<string>>()
HttpApi.reflect(ServiceApi, {
  onGroup: ({ group }) => void groups.set(group.identifier, []),
  onEndpoint: ({ endpoint, group, successes }) => {
    if (isStream(endpoint)) return
    const results = [...successes.values()].flat().map((schema) => typeOf(schema, Schema.toType))
    groups
      .get(group.identifier)
      ?.push(`    ${endpoint.identifier}(${requestOf(endpoint)}): Promise<${results.join(" | ")}>`)
  }
})

const isUpdate = (schema: Schema.Top) => schema !== ResetEvent && schema !== ByeEvent
const liveEvents = LiveEvent.members.filter(isUpdate).map((schema) => typeOf(schema, Schema.toType))

/** Declarations of `@tbg/client/promise`, without Effect. Endpoints come from the contract. */
export const promiseTypes = `${[...named].map(([name, type]) => `export type ${name} = ${type}\n`).join("")}
/** Every endpoint by its group and name. */
export interface Calls {
${[...groups].map(([name, calls]) => `  readonly ${name}: {\n${calls.join("\n")}\n  }`).join("\n")}
}

export interface CallOptions {
  /** Ends the call, and its retries, when it is aborted. */
  readonly signal?: AbortSignal
}

/** Wait before another attempt; \`status\` is undefined if the connection failed or timed out. */
export interface Retry {
  readonly attempt: number
  readonly waitMillis: number
  readonly status: number | undefined
}

export interface ClientOptions {
  readonly baseUrl: string | URL
  readonly apiKey?: string
  readonly token?: string
  /** Access token of a signed-in player, or a function such as that of \`signIn\`. */
  readonly accessToken?: string | (() => Promise<string>)
  /** Maximum number of retries, 3 by default. */
  readonly retries?: number
  /** Milliseconds for one attempt, 15,000 by default. */
  readonly attemptTimeout?: number
  /** Longest \`Retry-After\` to wait for in milliseconds, 60,000 by default. */
  readonly longestWait?: number
  readonly onRetry?: (retry: Retry) => void
}

export declare const createClient: (options: ClientOptions) => Calls

/** Signs in with a Bitcoin address. \`sign\` receives the message and returns the wallet's signature. */
export declare const signIn: (
  options: ClientOptions,
  address: string,
  sign: (message: string) => string | Promise<string>
) => Promise<{
  readonly user: Awaited<ReturnType<Calls["Auth"]["verify"]>>["user"]
  /** Current access token, refreshed before it expires; pass it to \`createClient\`. */
  readonly accessToken: () => Promise<string>
}>

/** Subject of live updates. */
export type LiveTopic = Topic

/** State of the topics, by topic. It replaces everything that came before. */
export type SnapshotUpdate = { readonly type: "snapshot" } & Awaited<ReturnType<Calls["Live"]["snapshot"]>>

/** A snapshot, or an event after it. */
export type LiveUpdate = SnapshotUpdate | ${liveEvents.join(" | ")}

/** Yields a snapshot of the topics, then every event after it, until the loop or the signal ends it. */
export declare const live: (
  options: ClientOptions,
  topics: ReadonlyArray<LiveTopic>,
  callOptions?: CallOptions
) => AsyncIterable<LiveUpdate>

/** Pages of a list, each loaded on demand. */
export declare function paginate<Page extends { readonly next_cursor: string | null }>(
  load: (cursor: { readonly cursor?: string }) => Promise<{ readonly body: Page }>
): AsyncGenerator<Page>

/** Response with a status of 400 or more, or input that the service would reject as invalid. */
export interface ApiError extends Error {
  readonly code: ${codes.map((code) => JSON.stringify(code)).join(" | ")}
  readonly status: number
  readonly requestId: string | undefined
  /** Seconds to wait before retrying. */
  readonly retryAfter: number | undefined
  readonly errors: ReadonlyArray<{ readonly path: string; readonly message: string }>
  /** Parameter, header or field at fault, if the service names one. */
  readonly param: string | undefined
  /** How to fix the request, for people; the wording may change. */
  readonly hint: string | undefined
  /** Page that explains the code. */
  readonly docUrl: string | undefined
  readonly body: unknown
}

export declare const isApiError: (error: unknown) => error is ApiError
`
