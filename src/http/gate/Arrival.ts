import { IncomingMessage } from "node:http"

/**
 * Why a request does not begin: there is too much to do, its deadline passed while it waited, or its caller has gone.
 */
export type Fate = "refused" | "late" | "gone"

/** A request, when it came, and what was decided about it. */
export class Arrival extends IncomingMessage {
  /** Milliseconds of the process's monotonic clock: whatever it has to wait for counts. */
  readonly arrivedAt = performance.now()
  /** Set where the edge is to answer it at once. */
  fate: Fate | undefined = undefined

  get hasBody(): boolean {
    const { "content-length": length = "0", "transfer-encoding": coding } = this.headers
    return coding !== undefined || length !== "0"
  }
}
