import { Context, Effect, Schedule } from "effect"
import type { Server, ServerResponse } from "node:http"
import { Socket } from "node:net"
import { isDone, whenDone } from "./Connections.ts"
import type { Connections } from "./Connections.ts"

/** Closes connections during a shutdown; `NodeHttpServer` closes the server itself. */
export class Drain extends Context.Service<
  Drain,
  {
    /** Sets `Connection: close` on all further responses, including responses to requests in flight. */
    readonly begin: Effect.Effect<void>
    /**
     * Returns when the server may be closed, and starts `TBG_SHUTDOWN_TIMEOUT_MS`. At the timeout, requests in flight
     * get 503 and their connections are closed.
     */
    readonly finish: Effect.Effect<void>
    /** Registers the callback that responds to the requests in flight at the timeout. */
    readonly onTimeout: (respondToAll: () => void) => void
    /** Number of responses completed since `begin`. */
    readonly drained: Effect.Effect<number>
  }
>()("tbg-api/http/Drain") {}

/** Milliseconds for sending the last responses before their connections are closed. */
const lastResponsesMs = 50

/** Creates the `Drain` service of a server. Requests in flight have `timeoutMs` milliseconds to finish. */
export const makeDrain = (server: Server, { lastResponses, track }: Connections, timeoutMs: number) => {
  let isDraining = false
  let drained = 0
  let respondToAll = (): void => {}

  const drainResponse = (response: ServerResponse): void => {
    if (!response.headersSent) response.setHeader("Connection", "close")
    whenDone(response, () => {
      if (response.writableFinished) drained += 1
    })
  }
  const pending = (): ReadonlyArray<ServerResponse> =>
    [...lastResponses.values()].flatMap((response) => (response === undefined || isDone(response) ? [] : [response]))
  const begin = Effect.sync(() => {
    isDraining = true
    pending().forEach(drainResponse)
  })
  const closeAtTimeout = Effect.gen(function* () {
    yield* Effect.sleep(Math.max(0, timeoutMs - lastResponsesMs))
    respondToAll()
    yield* Effect.sleep(lastResponsesMs)
    server.closeAllConnections()
  })
  // Node's `close` cuts connections that are still sending their last response to a slow reader.
  const awaitResponses = Effect.repeat(
    Effect.sync(() => pending().every(({ writableEnded }) => !writableEnded)),
    { until: (isSent) => isSent, schedule: Schedule.spaced("10 millis") }
  )
  const finish = Effect.gen(function* () {
    yield* Effect.forkDetach(closeAtTimeout)
    yield* awaitResponses
    // Responses whose headers were sent before the shutdown announced that the connection stays open.
    for (const response of pending()) {
      if (response.headersSent) whenDone(response, () => response.req.socket.destroySoon())
    }
    // In this phase of the event loop, every request that has arrived has been read and counts as in flight.
    yield* Effect.callback<void>((resume) => void setImmediate(() => resume(Effect.void)))
    // Node before version 26 treats a connection that never sent a byte as active.
    for (const socket of lastResponses.keys()) if (socket instanceof Socket && socket.bytesRead === 0) socket.destroy()
  })
  return {
    service: Drain.of({
      begin,
      finish,
      onTimeout: (respond) => void (respondToAll = respond),
      drained: Effect.sync(() => drained)
    }),
    /** Registers a response before it is written. */
    track: (response: ServerResponse): void => {
      track(response)
      if (isDraining) drainResponse(response)
    }
  }
}
