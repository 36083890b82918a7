import type { Server, ServerResponse } from "node:http"
import type { Duplex } from "node:stream"

export interface Connections {
  /** Last response of each open connection, or `undefined` once it is done. */
  readonly lastResponses: ReadonlyMap<Duplex, ServerResponse | undefined>
  /** Registers a response before it is written. */
  readonly track: (response: ServerResponse) => void
}

export const trackConnections = (server: Server): Connections => {
  const lastResponses = new Map<Duplex, ServerResponse | undefined>()
  server.on("connection", (socket) => {
    lastResponses.set(socket, undefined)
    socket.once("close", () => lastResponses.delete(socket))
  })
  const track = (response: ServerResponse): void => {
    const { req } = response
    lastResponses.set(req.socket, response)
    response.once("close", () => {
      // After an incomplete request, the remaining bytes belong to it and get no second response.
      if (req.complete && lastResponses.get(req.socket) === response) lastResponses.set(req.socket, undefined)
    })
  }
  return { lastResponses, track }
}

/** Whether a response has been sent or its connection is lost. */
export const isDone = (response: ServerResponse): boolean => response.writableFinished || response.destroyed

/** Calls `then` when a response is done, or at once if there is none to wait for. */
export const whenDone = (response: ServerResponse | undefined, then: () => void): void =>
  response === undefined || isDone(response) ? then() : void response.once("close", then)

/** Calls `then` once, when a response has been sent or its connection is lost. */
export const onceClosed = (response: ServerResponse, then: () => void): void => {
  if (response.socket !== null) return void response.once("close", then)
  // Node before version 26 does not close a pipelined response, which has no socket yet, when its connection is lost.
  const { socket } = response.req
  const close = (): void => {
    response.off("close", close)
    socket.off("close", close)
    then()
  }
  response.on("close", close)
  socket.setMaxListeners(0).on("close", close)
}
