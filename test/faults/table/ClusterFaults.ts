import { ofRedis } from "../Fault.ts"
import type { Fault } from "../Fault.ts"

/** Faults of a Redis Cluster of three masters, one of which has a replica. */
export const clusterFaults = {
  "a master of the Redis Cluster fails over": {
    cause: "`kill -9` of a master that has a replica",
    expected: ofRedis(["ok", "error: unreachable"])
  }
} as const satisfies Record<string, Fault>
