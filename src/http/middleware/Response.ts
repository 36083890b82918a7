import { Schema } from "effect"
import { HttpServerResponse } from "effect/http"
import { errorBody, retryAfterOf } from "./ErrorBody.ts"
import type { Failed } from "./ErrorBody.ts"
import { codeOf, isKnown } from "./Failure.ts"
import { renderingOf } from "./Negotiation.ts"
import type { RequestInfo } from "./RequestInfo.ts"
import { traceIdOf } from "./Tracing.ts"
import { Problem } from "../Errors.ts"

type Response = HttpServerResponse.HttpServerResponse

/** The default body of a failure, as endpoints that declare one encode it. */
const Body = Schema.fromJsonString(
  Schema.Struct({ detail: Schema.String, errors: Schema.optional(Schema.Array(Problem)) })
)
const decodeBody = Schema.decodeUnknownOption(Body)

/** A failure as a response, in the shape that this caller gets. */
export const failureResponse = (
  failed: Failed,
  status: number,
  info: RequestInfo,
  accept: string | undefined
): Response => {
  const { body, contentType } = errorBody(renderingOf(accept, info.target), failed, {
    requestId: info.id,
    path: info.path,
    traceId: traceIdOf(info)
  })
  return HttpServerResponse.text(body, {
    status,
    contentType,
    headers: failed.allow === undefined ? {} : { allow: failed.allow }
  })
}

/** The length of a body; undefined for a stream. */
export const bytesOf = ({ body }: Response): number | undefined => {
  if (body._tag === "Empty") return 0
  return body._tag === "Uint8Array" ? body.contentLength : undefined
}

const textOf = ({ body }: Response): string | undefined =>
  body._tag === "Uint8Array" && body.contentType.startsWith("application/json")
    ? new TextDecoder().decode(body.body)
    : undefined

/** Whether this has its last shape already. */
const isProblem = ({ body }: Response): boolean =>
  body._tag === "Uint8Array" && body.contentType === "application/problem+json"

/**
 * A response of 400 and above in the shape that this caller gets, whoever made it: a declared failure that its endpoint
 * encoded, or the library's own with an empty or a plain text body. A report that has its own shape (readiness) stays.
 */
export const renderedFailure = (response: Response, info: RequestInfo, accept: string | undefined): Response => {
  if (!isKnown(response.status) || isProblem(response)) return response
  const text = textOf(response)
  const body = decodeBody(text)
  if (text !== undefined && body._tag === "None") return response
  const { detail, errors } = body._tag === "Some" ? body.value : { detail: undefined, errors: undefined }
  const failed = { code: codeOf(response.status, detail), errors }
  if (text !== undefined && renderingOf(accept, info.target) === "detail") return response
  const rendered = failureResponse(failed, response.status, info, accept)
  const { "content-length": _length, "content-type": _type, ...headers } = response.headers
  return HttpServerResponse.setHeaders(rendered, headers)
}

/** Request data that error headers depend on. */
interface Asked {
  /** Value of `WWW-Authenticate` on 401. */
  readonly challenge?: string | undefined
  readonly isCoded?: boolean
}

/** Headers that an error's status calls for. */
export const statusHeaders = (
  status: number,
  { challenge = "Bearer", isCoded = false }: Asked
): Readonly<Record<string, string>> => {
  if (status === 401) return { "www-authenticate": challenge }
  // Distinguishes an unsupported content coding from an unsupported media type (RFC 9110, 12.5.3).
  if (status === 415 && isCoded) return { "accept-encoding": "identity" }
  const retryAfter = retryAfterOf(status)
  return retryAfter === undefined ? {} : { "retry-after": retryAfter }
}
