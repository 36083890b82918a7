import type { ServerResponse } from "node:http"
import type { Sink } from "../../../services/live/Subscription.ts"

/** Milliseconds for a client to read the last bytes of a stream that the service ended. */
const lastBytesMs = 5000

/** Writes a stream to a Node response. */
export class NodeSink implements Sink {
  /** Number of bytes given to Node. */
  bytes = 0
  readonly #response: ServerResponse

  constructor(response: ServerResponse) {
    this.#response = response
  }

  write(chunks: ReadonlyArray<Uint8Array>, onFlushed: () => void): void {
    if (this.#response.destroyed) return
    for (const [index, chunk] of chunks.entries()) {
      this.bytes += chunk.length
      if (index < chunks.length - 1) this.#response.write(chunk)
      else this.#response.write(chunk, onFlushed)
    }
  }

  end(): void {
    this.#response.setTimeout(lastBytesMs, () => this.#response.destroy())
    this.#response.end()
  }

  destroy(): void {
    this.#response.destroy()
  }
}
