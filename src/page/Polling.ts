import { read } from "./Api.ts"
import type { Answer } from "./Api.ts"
import { boardNames } from "./Wire.ts"
import type { BlocksState, Board, MinerState, MiningState, NetworkState, Pool, State, Worker } from "./Wire.ts"

/** Milliseconds between two rounds of polling. Topics that change slowly are read every sixth round. */
export const pollMs = 5000
const slowRounds = 6

/** Lag in milliseconds from which the data is stale, as in `/health/mining`. */
const staleMs = 30_000

export type Failure = Extract<Answer<never>, { readonly isOk: false }>

const miningOf = ({ as_of, lag_ms }: Omit<MiningState, "status">): State => ({
  topic: "mining",
  state: { status: (lag_ms ?? 0) >= staleMs ? "stale" : "ok", as_of, lag_ms }
})

/** Reads the topics of a page from the routes with the same bodies. Returns the first failure of a required topic. */
export const makePoll = (topics: ReadonlyArray<string>, onState: (state: State) => void) => {
  let round = 0

  const pool = async (): Promise<Failure | undefined> => {
    const answer = await read<Pool>("pool")
    if (!answer.isOk) return answer
    onState({ topic: "pool", state: answer.body })
    onState(miningOf(answer.body))
    return undefined
  }
  const network = async (): Promise<Failure | undefined> => {
    const answer = await read<NetworkState>("network")
    if (!answer.isOk) return answer
    onState({ topic: "network", state: answer.body })
    return undefined
  }
  const blocks = async (): Promise<undefined> => {
    const answer = await read<BlocksState>("blocks")
    if (answer.isOk) onState({ topic: "blocks", state: answer.body })
  }
  const board = async (): Promise<undefined> => {
    const answers = await Promise.all(boardNames.map((name) => read<Board>(`leaderboard?board=${name}&limit=10`)))
    for (const [index, answer] of answers.entries()) {
      onState({ topic: "board", state: { [boardNames[index] ?? "work"]: answer.isOk ? answer.body : undefined } })
    }
  }
  const miner = async (address: string): Promise<Failure | undefined> => {
    const path = `miners/${encodeURIComponent(address)}`
    const [answer, workers] = await Promise.all([
      read<MinerState>(path),
      read<{ workers: ReadonlyArray<Worker> }>(`${path}/workers?limit=100`)
    ])
    if (!answer.isOk) return answer
    onState({ topic: "miner", state: { ...answer.body, ...(workers.isOk ? { workers: workers.body.workers } : {}) } })
    onState(miningOf(answer.body))
    return undefined
  }

  return async (): Promise<Failure | undefined> => {
    const isSlow = round++ % slowRounds === 0
    const readings = topics.map(async (topic) => {
      if (topic === "pool") return pool()
      if (topic.startsWith("miner:")) return miner(topic.slice("miner:".length))
      if (!isSlow) return undefined
      if (topic === "network") return network()
      return topic === "blocks" ? blocks() : board()
    })
    const failures = await Promise.all(readings)
    return failures.find((failure) => failure !== undefined)
  }
}
