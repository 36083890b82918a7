import type { Draws } from "./Draws.ts"
import type { OtherEvent, ShareEvent } from "./Event.ts"

const micros = 1_000_000
/** Mean seconds between blocks of the network. */
const blockSeconds = 600

/** Newest block of the network. */
export interface Tip {
  readonly height: number
  readonly hash: string
}

/** Chain of the network, extended by others and by the pool. */
export interface Chain {
  readonly difficulty: number
  /** Calls `emit` with the blocks of others before a time, in order. */
  readonly runUntil: (until: number, emit: (event: OtherEvent) => void) => void
  /** Events of a share that is a block; none for other shares. */
  readonly blockOf: (share: ShareEvent) => ReadonlyArray<OtherEvent>
}

/** Chain that continues after `newest`, or else from a default height. */
export const makeChain = (draws: Draws, start: number, difficulty: number, newest?: Tip): Chain => {
  const producer = "collector"
  let tip: Tip = newest ?? { height: 250_000, hash: `00000000${draws.hex(56)}` }
  // Readers learn the network's difficulty at once.
  let next = start
  const extend = (at: number): OtherEvent => {
    const prev_hash = tip.hash
    tip = { height: tip.height + 1, hash: `00000000${draws.hex(56)}` }
    next = at + Math.round(draws.exponential(blockSeconds) * micros)
    return { type: "new_block_network", at, producer, data: { ...tip, diff: difficulty, prev_hash } }
  }
  return {
    difficulty,
    runUntil: (until, emit) => {
      for (;;) {
        if (next >= until) return
        emit(extend(next))
      }
    },
    blockOf: ({ at, reached, worker }) => {
      if (reached < difficulty) return []
      const found = { user: worker.address, worker: worker.fullName, height: tip.height + 1 }
      // The engine knows neither the hash nor the reward when it reports a block.
      const unknown = { hash: "", diff: 0, network_diff: 0, reward_sats: 0, coinbase_sig: "" }
      return [{ type: "block_found", at, producer, data: { ...found, ...unknown } }, extend(at + 1)]
    }
  }
}
