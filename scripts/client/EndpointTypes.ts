/** Declarations of `Endpoint.ts` for `@tbg/client`, derived from those of `@tbg/client/promise`. */
export const endpointTypes = `import type { Effect, Schema } from "effect"
import type { HttpClientError } from "effect/http"
import type { Calls as PromiseCalls } from "../../../../promise.d.ts"
import type { ApiError } from "./ApiError.ts"

type CallError = ApiError | Schema.SchemaError | HttpClientError.HttpClientError

type Call<F> = F extends (...parameters: infer P) => Promise<infer A>
  ? P extends [infer Request, unknown?]
    ? (request: Request) => Effect.Effect<A, CallError>
    : (request?: P[0]) => Effect.Effect<A, CallError>
  : never

/** All endpoints by group and name, for example \`Posts.list\`. */
export type Calls = {
  readonly [Group in keyof PromiseCalls]: {
    readonly [Name in keyof PromiseCalls[Group]]: Call<PromiseCalls[Group][Name]>
  }
}
`

/** Declarations of `LiveUpdate.ts`. */
export const liveTypes = `export type { SnapshotUpdate, LiveTopic, LiveUpdate } from "../../../../promise.d.ts"
`
