import { ofRedis } from "../Fault.ts"
import type { Fault } from "../Fault.ts"

/** What may become of Redis itself. */
export const redisFaults = {
  "Redis is killed": {
    cause: "`kill -9`",
    end: "it is started again, empty",
    expected: ofRedis(["error: unreachable"])
  },
  "Redis is restarted": {
    cause: "SIGTERM",
    end: "it is started again, empty",
    expected: ofRedis(["error: unreachable"])
  },
  "Redis is frozen": {
    cause: "SIGSTOP",
    end: "SIGCONT",
    expected: ofRedis(["error: timeout"])
  },
  "Redis is emptied": {
    cause: "`FLUSHALL`",
    end: null,
    expected: ofRedis(["ok"])
  },
  "Redis ends every connection": {
    cause: "`CLIENT KILL TYPE normal`",
    end: null,
    expected: ofRedis(["ok", "error: unreachable"])
  },
  "Redis is out of memory": {
    cause: "`maxmemory` is passed, under `noeviction`",
    end: "there is room again",
    expected: ofRedis(["ok"])
  },
  "Redis is demoted": {
    cause: "it becomes a replica (`REPLICAOF`), connections stay open",
    end: "it becomes the master again (`REPLICAOF NO ONE`)",
    expected: ofRedis(["error: read_only"])
  },
  "Redis is demoted behind its name": {
    cause: "its name points to a replica, and connections are closed",
    end: "its name points to the master, and connections to the replica stay open",
    expected: ofRedis(["error: unreachable", "error: read_only"])
  },
  "Redis wants another password": {
    cause: "`requirepass` is set, and every connection is ended",
    end: "`requirepass` is reset",
    expected: ofRedis(["error: unreachable", "error: denied"])
  }
} as const satisfies Record<string, Fault>
