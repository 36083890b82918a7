import { Array, Effect } from "effect"
import type { BitcoinNetwork } from "../../../domain/Bitcoin.ts"
import { newAddress } from "./Addresses.ts"
import { deviceAt } from "./Devices.ts"
import { draws as drawsFrom } from "./Draws.ts"
import type { Draws } from "./Draws.ts"
import { oddName, quotedName } from "./Names.ts"

/** Worker with its true hashrate. */
export interface SimulatedWorker {
  readonly address: string
  /** Name after the address; empty for a worker without a name. */
  readonly name: string
  /** Stratum name, `address.name`. */
  readonly fullName: string
  /** In H/s, constant while the worker is connected. */
  readonly hashrate: number
  /** Producer that reports its events: the collector with a JSON field, or the bridge with flat fields. */
  readonly producer: "collector" | "bridge"
}

export interface FleetOptions {
  readonly seed: string
  /** Number of addresses. */
  readonly miners: number
  readonly network: BitcoinNetwork
  /** Mean number of workers per address. */
  readonly workersPerMiner?: number
  readonly hasOddNames?: boolean
  readonly hasBothProducers?: boolean
}

export interface Fleet {
  readonly addresses: ReadonlyArray<string>
  readonly workers: ReadonlyArray<SimulatedWorker>
}

const nameOf = (draws: Draws, options: FleetOptions, device: string, index: number): string => {
  if (options.hasOddNames !== true || draws.isTrue(0.6)) return `${device}-${index + 1}`
  return draws.isTrue(0.1) ? quotedName : oddName(draws)
}

const fullNameOf = (draws: Draws, address: string, name: string, isOdd: boolean): string => {
  if (name === "") return isOdd && draws.isTrue(0.5) ? `${address}.` : address
  return `${address}${isOdd && draws.isTrue(0.2) ? "_" : "."}${name}`
}

const workersOf = (draws: Draws, options: FleetOptions, address: string): ReadonlyArray<SimulatedWorker> => {
  const isOdd = options.hasOddNames === true
  const others = Math.floor(draws.exponential((options.workersPerMiner ?? 3) - 0.5))
  const workers = Array.makeBy(1 + Math.min(200, Math.max(0, others)), (index): SimulatedWorker => {
    const device = deviceAt(draws.uniform())
    const name = nameOf(draws, options, device.name, index)
    return {
      address,
      name,
      fullName: fullNameOf(draws, address, name, isOdd),
      hashrate: draws.logNormal(device.hashrate, device.sigma),
      producer: options.hasBothProducers === true && draws.isTrue(0.5) ? "bridge" : "collector"
    }
  })
  // A worker without a name is the same as one named `default`.
  return Array.dedupeWith(workers, (one, other) => (one.name || "default") === (other.name || "default"))
}

/** Fleet of a seed: the same options give the same addresses, names and hashrates. */
export const makeFleet = Effect.fnUntraced(function* (options: FleetOptions): Effect.fn.Return<Fleet> {
  const draws = yield* drawsFrom(`${options.seed}/fleet`)
  const addresses = Array.makeBy(options.miners, () => newAddress(draws, options.network))
  return { addresses, workers: addresses.flatMap((address) => workersOf(draws, options, address)) }
})
