import type { Duplex } from "node:stream"
import { failures } from "./Errors.ts"
import type { Code } from "./Errors.ts"
import type { makeCors } from "./middleware/Cors.ts"
import { errorBody, retryAfterOf } from "./middleware/ErrorBody.ts"
import { renderingOf } from "./middleware/Negotiation.ts"
import { requestIdOf } from "./middleware/RequestId.ts"
import type { Remnant } from "./Remnant.ts"

export interface ReplyOptions {
  /** What every response carries. */
  readonly headers: Readonly<Record<string, string>>
  readonly cors: ReturnType<typeof makeCors>
}

/** An answer to what never reaches the router. */
export interface Reply {
  readonly status: number
  readonly requestId: string
  /** Of the body, also where that is not sent. */
  readonly bytes: number
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** Writes the line and the count of a reply; `durationMs` is since the request had arrived, 0 where that is now. */
export type NoteReply = (
  reply: Pick<Reply, "bytes" | "requestId" | "status">,
  remnant: Remnant,
  connection: Duplex,
  durationMs?: number
) => void

/** The same JSON, the same headers and a request id like any other response; `more` are headers besides. */
export const makeReply =
  ({ cors, headers }: ReplyOptions) =>
  (code: Code, remnant: Remnant, more?: Readonly<Record<string, string>>): Reply => {
    const { headers: request, method, target } = remnant
    const { status } = failures[code]
    const requestId = requestIdOf(request["x-request-id"])
    const path = target.replace(/[?#].*$/, "")
    const { body, contentType } = errorBody(renderingOf(request["accept"], target), { code }, { requestId, path })
    const bytes = Buffer.byteLength(body)
    const retryAfter = retryAfterOf(status)
    return {
      status,
      requestId,
      bytes,
      body: method === "HEAD" ? "" : body,
      headers: {
        ...headers,
        ...cors.headers(request["origin"]),
        ...(retryAfter === undefined ? undefined : { "retry-after": retryAfter }),
        ...more,
        "x-request-id": requestId,
        "content-type": contentType,
        "content-length": String(bytes)
      }
    }
  }
