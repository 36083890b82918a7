import { showBests } from "./Bests.ts"
import { announce, field, fill, part, replace, setText } from "./Dom.ts"
import { makeFeed } from "./Feed.ts"
import { count, duration, hashrate, probability, shortAddress, unknown } from "./Format.ts"
import { fillRate, fillWorkers } from "./PoolPage.ts"
import { ago } from "./Time.ts"
import { followWeeks } from "./Weeks.ts"
import type { LiveEvent, Miner, State } from "./Wire.ts"
import { showWorkers } from "./Workers.ts"

const bestsOf = ({ best }: Miner) =>
  [
    ["Today", best.day],
    ["This week", best.week],
    ["This month", best.month],
    ["All time", best.all_time]
  ] as const

const expectedText = (odds: Miner["odds"]): string => {
  if (odds === null) return "The network difficulty is unknown."
  if (odds.expected_seconds === null) return "Without hashrate, no block is expected."
  return `At the hashrate of the last 24 hours, a block is expected once in ${duration(odds.expected_seconds)}.`
}

const integrityText = ({ p_value, shares, status }: Miner["integrity"]): string => {
  const tested = `${count(shares)} shares of the last 7 days`
  if (status === "unknown") return `Not enough shares to test: ${tested}, and 100 are needed.`
  const likelihood =
    p_value === null ? "" : ` (p\u00A0=\u00A0${p_value < 0.001 ? p_value.toExponential(1) : p_value.toFixed(2)})`
  if (status === "ok")
    return `The difficulties of ${tested} are distributed like those of an honest miner${likelihood}.`
  return `The difficulties of ${tested} are not distributed like those of an honest miner${likelihood}.`
}

const showMiner = (miner: Miner, network: number | null): void => {
  const { hashrate: rates, integrity, odds } = miner
  fillRate(rates["1h"])
  fillWorkers(miner)
  replace(field("last-share"), ago(miner.last_share_at))
  replace(field("first-share"), ago(miner.first_seen))
  fill("rate-day", hashrate(rates["24h"].value))
  fill("rate-week", hashrate(rates["7d"].value))
  fill("expected", expectedText(odds))
  fill("odds-hour", odds === null ? unknown : probability(odds.hour))
  fill("odds-day", odds === null ? unknown : probability(odds.day))
  fill("odds-year", odds === null ? unknown : probability(odds.year))
  fill("integrity", integrityText(integrity))
  field("integrity")?.setAttribute("data-state", integrity.status)
  showBests(bestsOf(miner), network)
}

const setMissing = (isMissing: boolean): void => {
  part("missing")?.toggleAttribute("hidden", !isMissing)
  part("content")?.toggleAttribute("hidden", isMissing)
}

const copyAddress = (address: string) => async () => {
  try {
    await navigator.clipboard.writeText(address)
    announce("Address copied.")
    setText(part("copy-address"), "Copied")
  } catch {
    getSelection()?.selectAllChildren(field("address") ?? document.body)
  }
}

export const makeMinerPage = (address: string) => {
  const feed = makeFeed(true)
  let network: number | null = null
  let miner: Miner | undefined
  let weeks: ReturnType<typeof followWeeks> | undefined

  document.title = `${shortAddress(address)} · The Bitcoin Game`
  fill("address", address)
  part("copy-address")?.addEventListener("click", () => void copyAddress(address)())

  const onState = (state: State): void => {
    switch (state.topic) {
      case "network":
        network = state.state.network?.difficulty ?? null
        if (miner !== undefined) showMiner(miner, network)
        return
      case "miner":
        weeks ??= followWeeks(address)
        miner = state.state.miner
        setMissing(false)
        showMiner(miner, network)
        if (state.state.workers !== undefined) showWorkers(state.state.workers)
        feed.addBests([
          ["today", miner.best.day],
          ["of the month", miner.best.month],
          ["of the week", miner.best.week],
          ["of all time", miner.best.all_time]
        ])
        return
      case "pool":
      case "blocks":
      case "board":
      case "mining":
    }
  }

  const onEvent = (event: LiveEvent): void => {
    if (event.type === "share") replace(field("last-share"), ago(event.at))
    else if (event.type === "network") network = event.difficulty ?? network
    else feed.onEvent(event)
    if (event.type === "best") weeks?.refreshSoon()
  }

  const onMissing = (status: number, message: string): void => {
    setMissing(true)
    fill("missing-title", status === 422 ? "This is not an address of the network" : "No miner with this address")
    fill(
      "missing-text",
      status === 422
        ? message
        : "It has not sent a share to this pool yet, or its owner hides it. The owner sees it when signed in."
    )
  }

  return { topics: [`miner:${address}`, "network"], onState, onEvent, onMissing }
}
