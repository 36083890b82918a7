import type { BoardName, Boards, SnapshotState, State, StreamEvent } from "./Wire.ts"

type Stated = Extract<StreamEvent, { readonly type: "summary" | "board" }>

const boardsOf = (name: BoardName, board: Boards[BoardName]): Boards => ({ [name]: board })

/** Converts an event to states, so that views handle it like a snapshot. */
export const statesOfEvent = (event: Stated): ReadonlyArray<State> => {
  if (event.type === "board") {
    const { board, entries, total, week } = event
    return [{ topic: "board", state: boardsOf(board, { week, total, entries }) }]
  }
  if (event.topic === "pool") return [{ topic: "pool", state: event.state }]
  if (event.topic === "mining") return [{ topic: "mining", state: event.state }]
  return [{ topic: "miner", state: event.state }]
}

export const statesOfSnapshot = (snapshot: SnapshotState): ReadonlyArray<State> => {
  const { blocks, board, network, pool, ...miners } = snapshot
  return [
    ...(network === undefined ? [] : [{ topic: "network", state: network } as const]),
    ...(pool === undefined ? [] : [{ topic: "pool", state: pool } as const]),
    ...(blocks === undefined ? [] : [{ topic: "blocks", state: blocks } as const]),
    ...(board === undefined ? [] : [{ topic: "board", state: board } as const]),
    ...Object.values(miners).map((state) => ({ topic: "miner", state }) as const)
  ]
}
