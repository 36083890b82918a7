import { ofRedis } from "../Fault.ts"
import type { Fault } from "../Fault.ts"

/** What may become of a Redis Cluster of three masters, one of which has a replica. */
export const clusterFaults = {
  "a master of the Redis Cluster fails over": {
    cause: "`kill -9` of the master that has a replica",
    end: "the Cluster has made the replica a master; the dead one stays dead",
    expected: ofRedis(["ok", "error: unreachable"])
  }
} as const satisfies Record<string, Fault>
