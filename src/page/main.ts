import { enableAccount } from "./Account.ts"
import { root } from "./Api.ts"
import { followHashrate } from "./HashrateCard.ts"
import { followLive } from "./Live.ts"
import { makeMinerPage } from "./MinerPage.ts"
import { makePoolPage } from "./PoolPage.ts"
import { enableSearch } from "./Search.ts"
import { makeStatus } from "./Status.ts"
import { enableTheme } from "./Theme.ts"
import { refreshTimes } from "./Time.ts"
import type { State } from "./Wire.ts"

/** Address in the path of a miner's page; undefined on the page of the pool. */
const addressOf = ({ pathname }: Location): string | undefined => {
  const [first, second] = pathname.slice(root.pathname.length).split("/")
  return first === "miners" && second !== undefined ? decodeURIComponent(second) : undefined
}

const address = addressOf(location)
const page = address === undefined ? { onMissing: () => {}, ...makePoolPage() } : makeMinerPage(address)
const status = makeStatus()
const chart = followHashrate(address === undefined ? "pool/hashrate" : `miners/${encodeURIComponent(address)}/hashrate`)

let isUsable = false

const onState = (state: State): void => {
  if (state.topic === "mining") return status.onMining(state.state)
  page.onState(state)
  status.onUpdate()
  if (!isUsable) performance.mark("usable")
  isUsable = true
}

enableTheme()
enableSearch()
refreshTimes()

const live = followLive(page.topics, {
  onState,
  onEvent: page.onEvent,
  onConnection: status.onConnection,
  onMissing: page.onMissing
})

enableAccount(() => {
  live.restart()
  chart.refresh()
})
