import type { Socket } from "node:net"

/** Next event of a socket, with its value; rejects if the socket fails or closes first. Data pauses the socket. */
export const received = (socket: Socket, event: "connect" | "secureConnect" | "data"): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const settle = (done: () => void) => {
      socket.off(event, succeed).off("error", fail).off("close", close)
      done()
    }
    const succeed = (value?: unknown) => {
      if (event === "data") socket.pause()
      settle(() => resolve(value))
    }
    const fail = (error: unknown) => settle(() => reject(error))
    const close = () => fail(new Error("Connection closed unexpectedly"))
    socket.on(event, succeed).on("error", fail).on("close", close)
    if (event === "data") socket.resume()
  })
