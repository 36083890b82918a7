import { ofRedis } from "../Fault.ts"
import type { Fault } from "../Fault.ts"

/** Faults of the network to Redis. */
export const redisNetworkFaults = {
  "the network to Redis is slow": {
    cause: "100 to 120 ms more each way, which exceeds the budget of a check",
    expected: ofRedis(["ok"])
  },
  "the network to Redis has little bandwidth": {
    cause: "2 KiB/s each way",
    expected: ofRedis(["ok"])
  },
  "the network to Redis resets connections": {
    cause: "RST to open and new connections",
    expected: ofRedis(["error: unreachable"])
  },
  "connections to Redis are half-open": {
    cause: "data on open connections is dropped silently; new ones work",
    // The client closes a silent connection after three times its timeout, which is that of /ready.
    expected: ofRedis(["ok", "error: timeout"])
  },
  "replies of Redis are cut off": {
    cause: "the connection closes after 7 bytes of each reply",
    expected: ofRedis(["error: unreachable"])
  },
  "the network to Redis is partitioned": {
    cause: "connections are accepted, and no data passes",
    expected: ofRedis(["error: timeout"])
  }
} as const satisfies Record<string, Fault>
