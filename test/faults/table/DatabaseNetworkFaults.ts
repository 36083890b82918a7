import { ofDatabase, served, unserved } from "../Fault.ts"
import type { Fault } from "../Fault.ts"

/** Faults of the network to Postgres. */
export const databaseNetworkFaults = {
  "the network to Postgres is slow": {
    cause: "20 to 40 ms more each way",
    expected: ofDatabase(["ok"], served("deadline"))
  },
  "the network to Postgres has little bandwidth": {
    cause: "16 KiB/s each way",
    expected: ofDatabase(["ok"], served("deadline"))
  },
  "the network to Postgres resets connections": {
    cause: "RST to open and new connections",
    expected: ofDatabase(["error: unreachable"], unserved("half"))
  },
  "connections to Postgres are half-open": {
    cause: "data on open connections is dropped silently; new ones work",
    expected: ofDatabase(["ok", "error: timeout"], {
      read: { statuses: [200, 503], within: "deadline" },
      write: { statuses: [201, 503], within: "deadline" }
    })
  },
  "replies of Postgres are cut off": {
    cause: "the connection closes after 7 bytes of each reply",
    expected: ofDatabase(["error: unreachable"], unserved("half"))
  },
  "the network to Postgres is partitioned": {
    cause: "connections are accepted, and no data passes",
    expected: ofDatabase(["error: timeout"], unserved("deadline"))
  }
} as const satisfies Record<string, Fault>
