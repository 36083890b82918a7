import { EventEmitter } from "node:events"
import type { IncomingMessage, Server, ServerResponse } from "node:http"

const events = ["request", "checkContinue"] as const

/** Decides when to handle a request; `start` passes it on to the library. */
export type Admit = (response: ServerResponse, start: () => void) => void

/**
 * Puts `admit` between a server and the handlers that `NodeHttpServer` adds to it. Depends on @effect/platform-node
 * 4.1, which listens to `request` and `checkContinue`. Its public `makeHandler` does not cover
 * `Expect: 100-continue`.
 *
 * @returns a function that takes over the library's listeners; call it after the library has added them
 */
export const interposeListeners = (server: Server, admit: Admit): (() => void) => {
  const admitted = new EventEmitter()
  for (const event of events) {
    server.on(event, (request: IncomingMessage, response: ServerResponse) => {
      // Between the library's `serve` and the takeover, its own listener handles the request.
      if (server.listenerCount(event) > 1) return
      admit(response, () => admitted.emit(event, request, response))
    })
  }
  return () => {
    for (const event of events) {
      const [_ours, ...handlers] = server.listeners(event)
      if (handlers.length === 0) throw new Error(`NodeHttpServer has no listener of ${event}`)
      for (const handler of handlers) {
        server.off(event, handler)
        admitted.on(event, handler)
      }
    }
  }
}
