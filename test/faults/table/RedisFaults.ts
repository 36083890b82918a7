import { ofRedis } from "../Fault.ts"
import type { Fault } from "../Fault.ts"

/** Faults of Redis itself. */
export const redisFaults = {
  "Redis is killed": {
    cause: "`kill -9`",
    expected: ofRedis(["error: unreachable"])
  },
  "Redis is restarted": {
    cause: "SIGTERM",
    expected: ofRedis(["error: unreachable"])
  },
  "Redis is frozen": {
    cause: "SIGSTOP",
    expected: ofRedis(["error: timeout"])
  },
  "Redis is emptied": {
    cause: "`FLUSHALL`",
    expected: ofRedis(["ok"])
  },
  "Redis closes every connection": {
    cause: "`CLIENT KILL TYPE normal`",
    expected: ofRedis(["ok", "error: unreachable"])
  },
  "Redis is out of memory": {
    cause: "`maxmemory` is exceeded under `noeviction`",
    expected: ofRedis(["ok"])
  },
  "Redis is demoted": {
    cause: "`REPLICAOF`; connections stay open",
    expected: ofRedis(["error: read_only"])
  },
  "Redis is demoted behind its name": {
    cause: "its name points to a replica, and connections are closed",
    expected: ofRedis(["error: unreachable", "error: read_only"])
  },
  "the Redis password is changed": {
    cause: "`requirepass` is set, and connections are closed",
    expected: ofRedis(["error: unreachable", "error: denied"])
  }
} as const satisfies Record<string, Fault>
