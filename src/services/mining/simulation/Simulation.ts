import { Effect } from "effect"
import { makeChain } from "./Chain.ts"
import type { Tip } from "./Chain.ts"
import { draws as drawsFrom } from "./Draws.ts"
import type { SimulatedEvent } from "./Event.ts"
import { isShare } from "./Event.ts"
import { makeFleet } from "./Fleet.ts"
import type { Fleet, FleetOptions, SimulatedWorker } from "./Fleet.ts"
import { makeMachine, meanHashrate } from "./Machine.ts"
import { hashesPerDifficulty } from "./Vardiff.ts"

export interface SimulationOptions extends FleetOptions {
  /** Start, in microseconds since 1970. */
  readonly start: number
  /** Shares per second of the whole fleet. By default each worker sends 15 a minute. */
  readonly rate?: number
  /** Mean seconds between blocks that the pool finds; 6 hours by default. */
  readonly blockSeconds?: number
  /** Whether workers disconnect from time to time; true by default. */
  readonly hasPauses?: boolean
  /** Seed of the events; by default that of the fleet. */
  readonly eventSeed?: string
  /** Block after which the chain continues. */
  readonly tip?: Tip
}

/** Seeded generator of mining events with known true hashrates. */
export interface Simulation {
  readonly fleet: Fleet
  /** Sum of the true hashrates, in H/s. */
  readonly hashrate: number
  readonly networkDifficulty: number
  /** Events from the last time asked for up to this one, excluded, in order of time. Times are in microseconds. */
  readonly eventsUntil: (until: number) => ReadonlyArray<SimulatedEvent>
  /** True mean hashrate of a worker over a span, in H/s. */
  readonly hashrateOf: (worker: SimulatedWorker, from: number, to: number) => number
}

/** Shares per second of a worker: within the 10 to 20 a minute that pools aim at. */
const defaultTarget = 0.25

/** A second, in microseconds. */
const step = 1_000_000

// Sorting is stable, so events of the same microsecond stay in the order of their producer.
const byTime = (one: SimulatedEvent, other: SimulatedEvent) => one.at - other.at

/** Simulation of a seed. It advances only by `eventsUntil`, and depends on no clock. */
export const makeSimulation = Effect.fnUntraced(function* (options: SimulationOptions): Effect.fn.Return<Simulation> {
  const { blockSeconds = 6 * 3600, hasPauses = true, rate, start } = options
  const fleet = yield* makeFleet(options)
  const draws = yield* drawsFrom(`${options.eventSeed ?? options.seed}/events`)
  const target = rate === undefined ? defaultTarget : rate / fleet.workers.length
  const machines = new Map(
    fleet.workers.map((worker) => [worker, makeMachine({ draws, worker, start, target, hasPauses })])
  )
  const hashrate = fleet.workers.reduce((sum, worker) => sum + worker.hashrate, 0)
  const networkDifficulty = (hashrate / hashesPerDifficulty) * blockSeconds
  const chain = makeChain(draws, start, networkDifficulty, options.tip)
  let generatedTo = start
  let pending: ReadonlyArray<SimulatedEvent> = []
  // Steps of a fixed length make the draws, and so the events, independent of the spans that are asked for.
  const generateStep = () => {
    const events: Array<SimulatedEvent> = []
    const emit = (event: SimulatedEvent) => void events.push(event)
    generatedTo += step
    for (const machine of machines.values()) machine.runUntil(generatedTo, emit)
    for (const share of events.filter(isShare).toSorted(byTime)) events.push(...chain.blockOf(share))
    chain.runUntil(generatedTo, emit)
    return events
  }
  return {
    fleet,
    hashrate,
    networkDifficulty,
    eventsUntil: (until) => {
      const events: Array<SimulatedEvent> = [...pending]
      const steps = Math.max(0, Math.ceil((until - generatedTo) / step))
      for (let index = 0; index < steps; index++) for (const event of generateStep()) events.push(event)
      pending = events.filter(({ at }) => at >= until)
      return events.filter(({ at }) => at < until).toSorted(byTime)
    },
    hashrateOf: (worker, from, to) => {
      const machine = machines.get(worker)
      return machine === undefined ? 0 : meanHashrate(machine, from, to)
    }
  }
})
