import { IncomingMessage } from "node:http"

/**
 * Why a request does not begin: there is too much to do, its deadline passed while it waited, or its caller has gone.
 */
export type Fate = "refused" | "late" | "gone"

/** Whether a request has more than a head, as that tells (RFC 9112, 6.3). */
export const hasBody = (headers: Readonly<Record<string, unknown>>): boolean =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) !== 0

/** A request, when it came, and what was decided about it. */
export class Arrival extends IncomingMessage {
  /** Milliseconds of the process's monotonic clock: whatever it has to wait for counts. */
  readonly arrivedAt = performance.now()
  /** Set if the edge must respond immediately. */
  fate: Fate | undefined = undefined
  /** Response that ended the connection, if the parser rejected the body. */
  parserAnswer: { readonly requestId: string; readonly status: number } | undefined = undefined
}
