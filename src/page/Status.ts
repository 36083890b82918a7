import { announce, fill, part } from "./Dom.ts"
import { clockTime, duration } from "./Format.ts"
import type { Connection } from "./Live.ts"
import type { MiningState } from "./Wire.ts"

/** Milliseconds before a lost connection is shown. A reconnect after a restart of the service takes less. */
const reconnectGraceMs = 1500

const problemOf = ({ lag_ms, status }: MiningState): readonly [state: string, text: string] => {
  if (status === "off") return ["stale", "Mining events are not processed at the moment."]
  if (status === "idle") return ["idle", "Connected. No shares arrive at the moment."]
  if (lag_ms === null) return ["stale", "The data is not current."]
  return ["stale", `The data is ${duration(Math.round(lag_ms / 1000))} old.`]
}

/** Line that shows whether the page is current. Screen readers announce changes of the state, but not of the age. */
export const makeStatus = () => {
  const line = part("status")
  let connection: Connection = "connecting"
  let mining: MiningState | undefined
  let lastUpdate: Date | undefined
  let timer = 0
  let hasConnected = false

  const textOf = (): readonly [state: string, text: string] => {
    const since = lastUpdate === undefined ? "" : ` Data of ${clockTime(lastUpdate)}.`
    if (connection === "offline") return ["offline", `No connection to the service.${since} Trying again…`]
    if (connection === "connecting") {
      return ["connecting", lastUpdate === undefined ? "Connecting…" : `Reconnecting…${since}`]
    }
    if (connection === "missing") return ["idle", "Connected. No data to show."]
    const current = connection === "live" ? "Live" : "Updated every 5 seconds"
    return mining === undefined || mining.status === "ok" ? [connection, current] : problemOf(mining)
  }

  const show = () => {
    const [state, text] = textOf()
    const isChanged = line?.dataset["state"] !== state
    if (line !== undefined) line.dataset["state"] = state
    fill("status", text)
    if (isChanged && hasConnected) announce(text)
    hasConnected ||= state !== "connecting"
  }

  return {
    onConnection: (next: Connection) => {
      const isLost = next === "connecting" && connection !== "connecting" && connection !== "offline"
      clearTimeout(timer)
      if (isLost) timer = setTimeout(() => ((connection = next), show()), reconnectGraceMs)
      else {
        connection = next === "connecting" && connection === "offline" ? "offline" : next
        show()
      }
    },
    onMining: (state: MiningState) => {
      mining = state
      show()
    },
    onUpdate: () => {
      lastUpdate = new Date()
    }
  }
}
