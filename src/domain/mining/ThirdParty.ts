import { Schema } from "effect"
import { Count } from "../Text.ts"

const suffixes = ["", "K", "M", "G", "T", "P", "E"]

/** Formats a hashrate as ckpool's `suffix_string` does: three significant digits and an SI suffix, such as `1.84T`. */
export const siText = (value: number): string => {
  if (value < 1000) return String(Math.floor(value))
  let scaled = value
  let power = 0
  // A value that rounds to 1000 takes the next suffix; ckpool would print `1e+03`.
  while (scaled >= 999.5 && power < suffixes.length - 1) {
    scaled /= 1000
    power += 1
  }
  return `${Number(scaled.toPrecision(3))}${suffixes[power]}`
}

const siRate = Schema.String.annotate({ description: "Hashes per second with an SI suffix" })
const unixSeconds = Count.annotate({ description: "Unix seconds; 0 if there is none" })

const ckpoolFigures = {
  hashrate1m: siRate,
  hashrate5m: siRate,
  hashrate1hr: siRate,
  hashrate1d: siRate,
  hashrate7d: siRate,
  lastshare: unixSeconds
}
const shares = Count.annotate({ description: "Sum of the assigned difficulties of all shares" })
const bestshare = Schema.Finite.annotate({ description: "Best difficulty ever" })
const bestever = Count.annotate({ description: "Best difficulty ever, as a whole number" })

/** Statistics of an address as ckpool writes them (`statsupdate` in its `stratifier.c`). */
export const CkpoolUser = Schema.Struct({
  ...ckpoolFigures,
  workers: Count.annotate({ description: "Workers that are online" }),
  shares,
  bestshare,
  bestever,
  authorised: unixSeconds.annotate({ description: "Time of the first share, in Unix seconds" }),
  worker: Schema.Array(
    Schema.Struct({
      workername: Schema.String.annotate({ description: "Address, a dot and the name of the worker" }),
      ...ckpoolFigures,
      shares,
      bestshare,
      bestever
    })
  ).annotate({ description: "Workers that sent a share in the last 7 days" })
}).annotate({
  identifier: "CkpoolUser",
  description: "Statistics of an address in the shape of ckpool",
  examples: [
    {
      hashrate1m: "1.43T",
      hashrate5m: "1.15T",
      hashrate1hr: "1.22T",
      hashrate1d: "1.21T",
      hashrate7d: "1.2T",
      lastshare: 1_768_048_496,
      workers: 1,
      shares: 180_944_640,
      bestshare: 694_365_556.35,
      bestever: 694_365_556,
      authorised: 1_767_464_105,
      worker: [
        {
          workername: "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq.rig1",
          hashrate1m: "1.43T",
          hashrate5m: "1.15T",
          hashrate1hr: "1.22T",
          hashrate1d: "1.21T",
          hashrate7d: "1.2T",
          lastshare: 1_768_048_496,
          shares: 180_944_640,
          bestshare: 694_365_556.35,
          bestever: 694_365_556
        }
      ]
    }
  ]
})
export type CkpoolUser = typeof CkpoolUser.Type

const isoTime = Schema.String.annotate({ description: "ISO 8601 in UTC" })

/** Statistics of an address as public-pool serves them (`client.controller.ts`). */
export const PublicPoolClient = Schema.Struct({
  bestDifficulty: Schema.Finite.annotate({ description: "Best difficulty ever; 0 if there is none" }),
  workersCount: Count.annotate({ description: "Number of `workers`" }),
  workers: Schema.Array(
    Schema.Struct({
      sessionId: Schema.String.annotate({ description: "Eight hexadecimal digits that identify the worker" }),
      name: Schema.String.annotate({ description: "Name of the worker" }),
      bestDifficulty: Schema.String.annotate({ description: "Best difficulty ever, with two decimals" }),
      hashRate: Schema.Finite.annotate({ description: "Hashes per second over the last 5 minutes" }),
      startTime: isoTime,
      lastSeen: isoTime
    })
  ).annotate({ description: "Workers that are online" })
}).annotate({
  identifier: "PublicPoolClient",
  description: "Statistics of an address in the shape of public-pool",
  examples: [
    {
      bestDifficulty: 694_365_556.35,
      workersCount: 1,
      workers: [
        {
          sessionId: "0000002a",
          name: "rig1",
          bestDifficulty: "694365556.35",
          hashRate: 1_150_000_000_000,
          startTime: "2026-01-03T18:15:05.000Z",
          lastSeen: "2026-01-10T12:34:56.789Z"
        }
      ]
    }
  ]
})
export type PublicPoolClient = typeof PublicPoolClient.Type
