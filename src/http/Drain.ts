import { Context, Effect, Layer, Schedule } from "effect"
import type { Server, ServerResponse } from "node:http"
import { Socket } from "node:net"
import { isDone, whenDone } from "./Connections.ts"
import type { Connections } from "./Connections.ts"

/** Closes connections during a shutdown; `NodeHttpServer` closes the server itself. */
export class Drain extends Context.Service<
  Drain,
  {
    /** From now on each response says `Connection: close`, also those to requests in flight. */
    readonly begin: Effect.Effect<void>
    /**
     * Returns when the server may be closed. From then on requests have until `TBG_SHUTDOWN_TIMEOUT_MS`: those left are
     * answered with 503, and their connections are closed.
     */
    readonly finish: Effect.Effect<void>
    /** Registers what answers the requests in flight when the time is over. */
    readonly onTimeout: (answerAll: () => void) => void
  }
>()("tbg-api/http/Drain") {
  /** Does nothing, for tests without a server. */
  static readonly layerTest = Layer.succeed(Drain, { begin: Effect.void, finish: Effect.void, onTimeout: () => {} })
}

/** Milliseconds that the last responses have to leave before their connections are closed. */
const lastResponsesMs = 50

/** @param timeoutMs time for requests in flight once the server closes, in milliseconds */
export const makeDrain = (server: Server, { lastResponses, track }: Connections, timeoutMs: number) => {
  let isDraining = false
  let answerAll = (): void => {}

  const announceClose = (response: ServerResponse): void => {
    if (!response.headersSent) response.setHeader("Connection", "close")
  }
  const pending = (): ReadonlyArray<ServerResponse> =>
    [...lastResponses.values()].flatMap((response) => (response === undefined || isDone(response) ? [] : [response]))
  const begin = Effect.sync(() => {
    isDraining = true
    pending().forEach(announceClose)
  })
  const cut = Effect.gen(function* () {
    yield* Effect.sleep(Math.max(0, timeoutMs - lastResponsesMs))
    answerAll()
    yield* Effect.sleep(lastResponsesMs)
    server.closeAllConnections()
  })
  // Node's `close` cuts connections whose last response has not left entirely because its reader is slow.
  const sent = Effect.repeat(
    Effect.sync(() => pending().every(({ writableEnded }) => !writableEnded)),
    { until: (isSent) => isSent, schedule: Schedule.spaced("10 millis") }
  )
  const finish = Effect.gen(function* () {
    yield* Effect.forkDetach(cut)
    yield* sent
    // Responses whose headers were sent before the shutdown have promised to keep the connection.
    for (const response of pending()) {
      if (response.headersSent) whenDone(response, () => response.req.socket.destroySoon())
    }
    // In this phase of the event loop every request that has arrived was read, and counts as in flight.
    yield* Effect.callback<void>((resume) => void setImmediate(() => resume(Effect.void)))
    // Node before version 26 takes a connection that never sent a byte for one in use.
    for (const socket of lastResponses.keys()) if (socket instanceof Socket && socket.bytesRead === 0) socket.destroy()
  })
  return {
    service: Drain.of({ begin, finish, onTimeout: (answer) => void (answerAll = answer) }),
    /** Registers a response that is about to be made. */
    track: (response: ServerResponse): void => {
      track(response)
      if (isDraining) announceClose(response)
    }
  }
}
