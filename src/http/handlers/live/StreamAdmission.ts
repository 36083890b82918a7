import type { ServerResponse } from "node:http"

/** Maximum number of streams of one client address. */
const streamsPerAddress = 20

/** Admission control of streams, apart from that of other requests. */
export const makeStreamAdmission = (maxStreams: number) => {
  const byAddress = new Map<string, number>()
  let open = 0

  const release = (address: string): void => {
    open -= 1
    const rest = (byAddress.get(address) ?? 1) - 1
    if (rest === 0) byAddress.delete(address)
    else byAddress.set(address, rest)
  }

  /** Counts a stream until its response is closed. Returns false if there is no room. */
  return (address: string, response: ServerResponse): boolean => {
    const ofAddress = byAddress.get(address) ?? 0
    if (open >= maxStreams || ofAddress >= streamsPerAddress || response.destroyed) return false
    open += 1
    byAddress.set(address, ofAddress + 1)
    response.once("close", () => release(address))
    return true
  }
}
