import type { StreamEntry } from "../../../src/domain/mining/StreamEntry.ts"

/** Addresses of the network `regtest`. */
export const addressA = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"
export const addressB = "bcrt1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqc8gma6"

/** Start of the tests' time, 2024-12-01 00:00 UTC, in microseconds. It is past for every database. */
export const start = 1_733_011_200_000_000

export const second = 1_000_000

export interface ShareFields {
  /** Time in microseconds after `start`. */
  readonly at: number
  /** Arrival in whole milliseconds after `start`; the time by default. */
  readonly arrived?: number
  readonly sequence?: number
  readonly address?: string
  readonly worker?: string
  readonly difficulty?: number
  readonly reached?: number
}

/** Entry of another stream, as the collector writes it; `at` in microseconds after `start`. */
export const entryOf = (type: string, at: number, data: object, id?: string): StreamEntry => ({
  stream: `mining:${type}`,
  id: id ?? `${Math.floor((start + at) / 1000)}-0`,
  fields: [
    ["event", type],
    ["ts", String((start + at) / 1e6)],
    ["source", "hosted"],
    ["data", JSON.stringify(data)]
  ]
})

/** Entry with a share, as the collector writes it. */
export const shareEntry = ({
  address = addressA,
  arrived,
  at,
  difficulty = 1000,
  reached = 2000,
  sequence = 0,
  worker = "rig"
}: ShareFields): StreamEntry =>
  entryOf(
    "share_submitted",
    at,
    { user: address, worker: `${address}.${worker}`, diff: difficulty, sdiff: reached, accepted: true },
    `${start / 1000 + (arrived ?? Math.floor(at / 1000))}-${sequence}`
  )
