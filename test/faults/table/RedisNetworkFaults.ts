import { ofRedis } from "../Fault.ts"
import type { Fault } from "../Fault.ts"

/** What may become of the way to Redis. */
export const redisNetworkFaults = {
  "the way to Redis is slow": {
    cause: "100 ms more each way, and up to 20 more at random: past the budget of a check",
    end: "it is as fast as before",
    expected: ofRedis(["ok"])
  },
  "the way to Redis is narrow": {
    cause: "2 KiB/s each way",
    end: "it is as wide as before",
    expected: ofRedis(["ok"])
  },
  "the way to Redis resets connections": {
    cause: "RST to those that there are and those that come",
    end: "they are passed on again",
    expected: ofRedis(["error: unreachable"])
  },
  "the way to Redis has forgotten the connections": {
    cause: "half-open: what is said on them goes nowhere and nobody is told; new ones work",
    end: null,
    // The client gives a silent connection up after three times its patience, which is that of /ready.
    expected: ofRedis(["ok", "error: timeout"])
  },
  "Redis is cut off in the middle of a message": {
    cause: "every reply ends after 7 bytes, with the connection",
    end: "replies are whole again",
    expected: ofRedis(["error: unreachable"])
  },
  "the network to Redis is parted": {
    cause: "connections are taken, and nothing is passed on",
    end: "all is passed on, what was held back too",
    expected: ofRedis(["error: timeout"])
  }
} as const satisfies Record<string, Fault>
