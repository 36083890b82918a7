import type { Draws } from "./Draws.ts"
import type { SimulatedEvent } from "./Event.ts"
import type { SimulatedWorker } from "./Fleet.ts"
import { afterShare, hashesPerDifficulty, roundDifficulty, startVardiff } from "./Vardiff.ts"
import type { Vardiff } from "./Vardiff.ts"

const micros = 1_000_000

/** Time for which a worker is connected, in microseconds since 1970; `to` is infinite while it is. */
export interface Session {
  readonly from: number
  readonly to: number
}

interface MachineOptions {
  readonly draws: Draws
  readonly worker: SimulatedWorker
  /** Start of the simulation, in microseconds. */
  readonly start: number
  /** Wanted shares per second. */
  readonly target: number
  /** Whether the worker disconnects from time to time. */
  readonly hasPauses: boolean
}

/** A worker that mines: a Poisson process of shares at the difficulty that its pool assigns. */
export interface Machine {
  readonly worker: SimulatedWorker
  readonly sessions: ReadonlyArray<Session>
  /** Calls `emit` with the events before a time, in order. Times must not decrease between calls. */
  readonly runUntil: (until: number, emit: (event: SimulatedEvent) => void) => void
}

/** Mean seconds of a connection, and of a pause between two. */
const meanSession = 8 * 3600
const meanPause = 600

const connectionData = (
  { address, fullName, name }: SimulatedWorker,
  data: Record<string, string | number | boolean>
) => ({
  user: address,
  worker: name === "" ? fullName : name,
  client_id: "",
  ip: "198.51.100.7",
  ...data
})

export const makeMachine = ({ draws, hasPauses, start, target, worker }: MachineOptions): Machine => {
  const sessions: Array<Session> = []
  let isConnected = false
  // Workers do not all connect at once.
  let nextSwitch = start + Math.round(draws.between(0, 2) * micros)
  let nextShare = Number.POSITIVE_INFINITY
  let vardiff: Vardiff = startVardiff(1, 0)
  /** Difficulty that the worker mines at; it lags behind the assigned one by a round trip. */
  let mined = 1
  let appliesAt = Number.POSITIVE_INFINITY
  let mayMismatch = false
  let shares = 0
  let best = 0

  const drawShare = (now: number) => {
    nextShare = now + Math.round(draws.exponential((mined * hashesPerDifficulty) / worker.hashrate) * micros)
  }
  const { producer } = worker

  const connect = (at: number, emit: (event: SimulatedEvent) => void) => {
    const ideal = worker.hashrate / hashesPerDifficulty / target
    mined = roundDifficulty(Math.max(1e-6, ideal * 2 ** draws.between(-0.7, 0.7)))
    vardiff = startVardiff(mined, at / micros)
    appliesAt = Number.POSITIVE_INFINITY
    shares = 0
    sessions.push({ from: at, to: Number.POSITIVE_INFINITY })
    nextSwitch = hasPauses ? at + Math.round(draws.exponential(meanSession) * micros) : Number.POSITIVE_INFINITY
    drawShare(at)
    const data = connectionData(worker, { useragent: "unknown", initial_diff: mined, asicboost_capable: false })
    emit({ type: "miner_connected", at, producer, data })
  }

  const disconnect = (at: number, emit: (event: SimulatedEvent) => void) => {
    const session = sessions.pop()
    if (session !== undefined) sessions.push({ from: session.from, to: at })
    nextSwitch = at + Math.round(draws.exponential(meanPause) * micros)
    nextShare = Number.POSITIVE_INFINITY
    appliesAt = Number.POSITIVE_INFINITY
    const data = connectionData(worker, { session_duration: 0, shares_session: shares })
    emit({ type: "miner_disconnected", at, producer, data })
  }

  const submit = (at: number, emit: (event: SimulatedEvent) => void) => {
    // Right after a rise, one share of the old difficulty may be reported with the new one.
    const difficulty = mayMismatch ? vardiff.difficulty : mined
    mayMismatch = false
    const reached = Number((mined / draws.uniform()).toFixed(8))
    shares += 1
    emit({ type: "share_submitted", at, worker, difficulty, reached })
    if (reached > best) {
      const data = { user: worker.address, worker: worker.fullName, new_best: reached, prev_best: best }
      best = reached
      emit({ type: "share_best_diff", at, producer, data: { ...data, timeframe: "alltime" } })
    }
    // Shares of the old difficulty do not count toward the next change.
    if (appliesAt !== Number.POSITIVE_INFINITY) return drawShare(at)
    vardiff = afterShare(vardiff, mined, at / micros, target)
    if (vardiff.difficulty !== mined) {
      appliesAt = at + Math.round(draws.between(0.05, 1.5) * micros)
      mayMismatch = vardiff.difficulty > mined && draws.isTrue(0.5)
    }
    return drawShare(at)
  }

  const applyDifficulty = () => {
    mined = vardiff.difficulty
    mayMismatch = false
    drawShare(appliesAt)
    appliesAt = Number.POSITIVE_INFINITY
  }

  return {
    worker,
    sessions,
    runUntil: (until, emit) => {
      for (;;) {
        const at = Math.min(nextSwitch, nextShare, appliesAt)
        if (at >= until) return
        if (at === nextSwitch) {
          if (isConnected) disconnect(at, emit)
          else connect(at, emit)
          isConnected = !isConnected
        } else if (at === appliesAt) applyDifficulty()
        else submit(at, emit)
      }
    }
  }
}

/** Mean hashrate of a machine over a span, in H/s. */
export const meanHashrate = ({ sessions, worker }: Machine, from: number, to: number): number => {
  const overlap = sessions.map((session) => Math.max(0, Math.min(to, session.to) - Math.max(from, session.from)))
  return (worker.hashrate * overlap.reduce((sum, part) => sum + part, 0)) / (to - from)
}
