import { showBests } from "./Bests.ts"
import { showBlocks } from "./Blocks.ts"
import { showBoards } from "./Boards.ts"
import { fill } from "./Dom.ts"
import { makeFeed } from "./Feed.ts"
import { count, difficulty, duration, hashrate, unknown } from "./Format.ts"
import type { Pool, State } from "./Wire.ts"

const bestsOf = ({ best }: Pool) =>
  [
    ["Today", best.day],
    ["This week", best.week],
    ["All time", best.all_time]
  ] as const

export const fillRate = ({ high, low, value }: Pool["hashrate"]["1h"]): void => {
  fill("rate", hashrate(value))
  fill("interval", `${hashrate(low)} to ${high === null ? unknown : hashrate(high)}, over the last hour`)
}

export const fillWorkers = ({ shares, workers }: Pick<Pool, "shares" | "workers">): void => {
  fill("workers", count(workers.online))
  fill("workers-total", `of ${count(workers.total)}`)
  fill("shares", count(shares["24h"]))
  fill("shares-total", `of ${count(shares.total)}`)
}

const showPool = (pool: Pool): void => {
  const { blocks_found, expected_block_seconds, hashrate: rates, miners, network } = pool
  fillRate(rates["1h"])
  fillWorkers(pool)
  fill("miners", count(miners.active))
  fill("miners-total", `of ${count(miners.total)}`)
  fill("blocks-found", count(blocks_found))
  fill("expected", expected_block_seconds === null ? unknown : `every ${duration(expected_block_seconds)}`)
  fill("network", difficulty(network?.difficulty))
  fill("network-height", network === null ? "" : `block ${count(network.height)}`)
  showBests(bestsOf(pool), network?.difficulty ?? null)
}

export const makePoolPage = () => {
  const feed = makeFeed(false)
  const onState = (state: State): void => {
    switch (state.topic) {
      case "pool":
        showPool(state.state)
        feed.addNetwork(state.state.network)
        return
      case "blocks":
        showBlocks(state.state.blocks)
        feed.addBlocks(state.state.blocks)
        return
      case "board":
        showBoards(state.state)
        feed.addBoards(state.state)
        return
      case "network":
      case "miner":
      case "mining":
    }
  }
  return { topics: ["pool", "network", "blocks", "board"], onState, onEvent: feed.onEvent }
}
