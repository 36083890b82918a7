import { IncomingMessage } from "node:http"

/** A request, and when it came: whatever it has to wait for counts. */
export class Arrival extends IncomingMessage {
  /** Milliseconds of the process's monotonic clock. */
  readonly arrivedAt = performance.now()
}
