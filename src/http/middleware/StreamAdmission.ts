import { Context, Effect, Layer } from "effect"
import type { ServerResponse } from "node:http"
import { AppConfig } from "../../layers/AppConfig.ts"
import { limitKeyOf } from "./ClientAddress.ts"

/** Maximum number of open streams of one client address. */
const streamsPerAddress = 20

const make = ({ http: { maxStreams } }: AppConfig["Service"]) => {
  const byAddress = new Map<string, number>()
  let open = 0

  const release = (key: string): void => {
    open -= 1
    const rest = (byAddress.get(key) ?? 1) - 1
    if (rest === 0) byAddress.delete(key)
    else byAddress.set(key, rest)
  }

  return StreamAdmission.of({
    admit: (clientAddress, response) => {
      const key = limitKeyOf(clientAddress)
      const ofAddress = byAddress.get(key) ?? 0
      if (open >= maxStreams || ofAddress >= streamsPerAddress || response.destroyed) return false
      open += 1
      byAddress.set(key, ofAddress + 1)
      response.once("close", () => release(key))
      return true
    }
  })
}

/** Admission control of streams, apart from that of other requests. */
export class StreamAdmission extends Context.Service<
  StreamAdmission,
  {
    /** Counts a stream until its response is closed. Returns false beyond `TBG_MAX_STREAMS` or 20 per client address. */
    readonly admit: (clientAddress: string, response: ServerResponse) => boolean
  }
>()("tbg-api/http/StreamAdmission") {
  static readonly layer = Layer.effect(StreamAdmission, Effect.map(AppConfig, make))
}
