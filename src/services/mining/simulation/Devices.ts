import type { Array } from "effect"

/** Class of mining devices. */
export interface Device {
  /** Prefix of the names of its workers. */
  readonly name: string
  /** Median hashrate, in H/s. */
  readonly hashrate: number
  /** Standard deviation of the logarithm of the hashrate within the class. */
  readonly sigma: number
  /** Relative frequency in a fleet. */
  readonly weight: number
}

/** Devices on public solo pools, with hashrates from their data sheets. */
export const devices: Array.NonEmptyReadonlyArray<Device> = [
  { name: "nerdminer", hashrate: 50e3, sigma: 0.1, weight: 18 },
  { name: "nerdminer-s3", hashrate: 350e3, sigma: 0.1, weight: 10 },
  { name: "usbminer", hashrate: 300e9, sigma: 0.2, weight: 6 },
  { name: "bitaxe-ultra", hashrate: 500e9, sigma: 0.1, weight: 14 },
  { name: "bitaxe-gamma", hashrate: 1.2e12, sigma: 0.1, weight: 20 },
  { name: "nano3s", hashrate: 6e12, sigma: 0.05, weight: 6 },
  { name: "nerdqaxe", hashrate: 4.8e12, sigma: 0.1, weight: 8 },
  { name: "S9", hashrate: 13.5e12, sigma: 0.1, weight: 8 },
  { name: "S19", hashrate: 95e12, sigma: 0.15, weight: 6 },
  { name: "S21", hashrate: 200e12, sigma: 0.05, weight: 4 }
]

const total = devices.reduce((sum, { weight }) => sum + weight, 0)

/** Device at a fraction of the fleet, from 0 to 1. */
export const deviceAt = (part: number): Device => {
  let left = part * total
  return devices.find(({ weight }) => (left -= weight) <= 0) ?? devices[0]
}
