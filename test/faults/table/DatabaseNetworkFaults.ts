import { ofDatabase, served, unserved } from "../Fault.ts"
import type { Fault } from "../Fault.ts"

/** What may become of the way to Postgres. */
export const databaseNetworkFaults = {
  "the way to Postgres is slow": {
    cause: "20 ms more each way, and up to 20 more at random",
    end: "it is as fast as before",
    expected: ofDatabase(["ok"], served("deadline"))
  },
  "the way to Postgres is narrow": {
    cause: "16 KiB/s each way",
    end: "it is as wide as before",
    expected: ofDatabase(["ok"], served("deadline"))
  },
  "the way to Postgres resets connections": {
    cause: "RST to those that there are and those that come",
    end: "they are passed on again",
    expected: ofDatabase(["error: unreachable"], unserved("half"))
  },
  "the way to Postgres has forgotten the connections": {
    cause: "half-open: what is said on them goes nowhere and nobody is told; new ones work",
    end: null,
    expected: ofDatabase(["ok", "error: timeout"], {
      read: { statuses: [200, 503], within: "deadline" },
      write: { statuses: [201, 503], within: "deadline" }
    })
  },
  "Postgres is cut off in the middle of a message": {
    cause: "every reply ends after 7 bytes, with the connection",
    end: "replies are whole again",
    expected: ofDatabase(["error: unreachable"], unserved("half"))
  },
  "the network to Postgres is parted": {
    cause: "connections are taken, and nothing is passed on",
    end: "all is passed on, what was held back too",
    expected: ofDatabase(["error: timeout"], unserved("deadline"))
  }
} as const satisfies Record<string, Fault>
